/**
 * One flag among all.
 */

import { byWhom } from "./changes.js";
import { h } from "./dom.js";
import { expiry, flagHref, lamp, variantList } from "./flags.js";
import { killButton } from "./order.js";
import { ago, moment } from "./words.js";

/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./live.js").Live} Live */

export class FlagRow {
  #changed = h("time");
  #expires = h("span");

  /** @param {Live} live @param {Flag} flag */
  constructor(live, flag) {
    this.flag = flag;
    /** All that a filter looks through. */
    this.text = [flag.key, flag.owner, flag.rule, flag.description].join("\n").toLowerCase();
    this.#changed.dateTime = flag.changed_at;
    this.#changed.title = moment(flag.changed_at);
    this.element = h(
      "li",
      { class: flag.enabled ? "flag" : "flag flag--disabled" },
      h("h2", { class: "flag__key" }, lamp(flag), h("a", { href: flagHref(flag.key), id: `flag-${flag.key}` }, flag.key)),
      h("p", { class: "flag__rule" }, flag.rule),
      flag.variants.length > 0 && variantList(flag),
      h(
        "p",
        { class: "flag__facts" },
        flag.owner && h("span", {}, flag.owner),
        this.#expires,
        h("span", {}, this.#changed, byWhom(flag.last)),
      ),
      h("div", { class: "flag__actions" }, killButton(live, flag)),
    );
  }

  /** Says how long ago the flag was changed, and whether it has outlived itself. @param {string} now */
  update(now) {
    this.#changed.textContent = ago(this.flag.changed_at, now);
    this.#expires.replaceChildren(expiry(this.flag, now));
  }
}
