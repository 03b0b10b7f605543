/**
 * One flag among all.
 */

import { h } from "./dom.js";
import { factsOf, flagHref, isExpired, lamp, variantList } from "./flags.js";
import { orderButton } from "./order.js";

/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./live.js").Live} Live */

export class FlagRow {
  /** @param {Live} live @param {Flag} flag @param {string} now */
  constructor(live, flag, now) {
    this.flag = flag;
    this.expired = isExpired(flag, now);
    /** All that a filter looks through. */
    this.text = [flag.key, flag.owner, flag.rule, flag.description].join("\n").toLowerCase();
    this.element = h(
      "li",
      { class: "flag" },
      h("h2", { class: "flag__key" }, lamp(flag), h("a", { href: flagHref(flag.key), id: `flag-${flag.key}` }, flag.key)),
      h("p", { class: "flag__rule" }, flag.rule),
      variantList(flag),
      factsOf(flag, now),
      h("div", { class: "flag__actions" }, orderButton(live, flag)),
    );
  }

  /** Whether this is still what there is to show. @param {Flag} flag @param {string} now */
  shows(flag, now) {
    return this.flag.version === flag.version && this.expired === isExpired(flag, now);
  }
}
