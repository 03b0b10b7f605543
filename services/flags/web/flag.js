/**
 * One flag: what it does, what was done to it, and what would be if it were another.
 */

import { Trouble, get } from "./api.js";
import { changeItem } from "./changes.js";
import { h, redraw } from "./dom.js";
import { dryRunSection } from "./dry_run.js";
import { explainSection } from "./explain.js";
import { factsOf, lamp, variantList } from "./flags.js";
import { orderButton } from "./order.js";
import { Roster } from "./roster.js";

/** @typedef {import("./api.js").Detail} Detail */
/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./live.js").Live} Live */

export class FlagView {
  #head = h("div", {}, h("p", { class: "quiet" }, "Asking the flags service…"));
  #below = h("div");
  #definition = h("pre", { class: "definition", tabindex: 0, "aria-label": "Definition" });
  #changes = h("ol", { class: "changes" });
  #roster = new Roster();
  #shown = -1;

  /** @param {Live} live @param {string} key */
  constructor(live, key) {
    this.live = live;
    this.key = key;
    this.element = h("div", {}, h("p", { class: "back" }, h("a", { href: "/flags" }, "All flags")), this.#head, this.#below);
  }

  /** Shows what is known now. */
  update() {
    const { state, flags } = this.live;
    if (!state) return;
    const flag = flags.find((each) => each.key === this.key);
    if (flag) this.#show(flag, state.now);
    else redraw(this.#head, h("h1", {}, this.key), h("p", { class: "quiet" }, "There is no such flag."));
    this.#roster.update(state, state.generation);
  }

  /** @param {Flag} flag @param {string} now */
  #show(flag, now) {
    if (flag.version === this.#shown) return;
    if (this.#shown < 0) this.#below.replaceChildren(this.#sections(flag));
    this.#shown = flag.version;
    redraw(
      this.#head,
      h("h1", { class: "flag__key flag__key--large" }, lamp(flag), flag.key),
      flag.description && h("p", { class: "lead" }, flag.description),
      h("p", { class: "flag__rule" }, flag.rule),
      variantList(flag),
      factsOf(flag, now),
      h("div", { class: "flag__actions" }, orderButton(this.live, flag)),
    );
    this.#read(now);
  }

  /** Reads definition and history. @param {string} now */
  async #read(now) {
    const version = this.#shown;
    try {
      const detail = /** @type {Detail} */ (await get("flag", { key: this.key }));
      if (version !== this.#shown) return; // what was asked later comes instead
      this.#definition.textContent = detail.definition;
      this.#changes.replaceChildren(...detail.changes.map((change) => changeItem(change, now, false)));
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.#definition.textContent = error.message;
      this.#shown = 0; // so that it is read again with the next answer
    }
  }

  /** @param {Flag} flag */
  #sections(flag) {
    return h(
      "div",
      { class: "board" },
      h(
        "div",
        {},
        !flag.shared && dryRunSection(flag, () => this.#definition.textContent ?? ""),
        !flag.shared && explainSection(flag),
        h("section", { "aria-labelledby": "definition" }, h("h2", { id: "definition" }, "Definition"), this.#definition),
      ),
      h(
        "div",
        { class: "aside" },
        h("section", { "aria-labelledby": "history" }, h("h2", { id: "history" }, "History"), this.#changes),
        h("section", { "aria-labelledby": "who" }, h("h2", { id: "who" }, "Who has applied it"), this.#roster.element),
      ),
    );
  }
}
