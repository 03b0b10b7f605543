/**
 * All flags, with a filter; beside them who has applied what, and what was changed last.
 */

import { changeItem } from "./changes.js";
import { announce, h, redraw } from "./dom.js";
import { isExpired } from "./flags.js";
import { FlagRow } from "./row.js";
import { Roster } from "./roster.js";
import { timeAgo } from "./time.js";
import { count } from "./words.js";

/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./live.js").Live} Live */

/**
 * What can be shown, by its word in the address, and what is said where there is nothing of the kind.
 * @type {Record<string, {name: string, none: string, has: (flag: Flag, now: string) => boolean}>}
 */
const KINDS = {
  all: { name: "All", none: "There are no flags yet.", has: () => true },
  enabled: { name: "Enabled", none: "No flag is enabled.", has: (flag) => flag.enabled && !flag.shared },
  killed: { name: "Killed", none: "No flag is killed.", has: (flag) => !flag.enabled },
  expired: { name: "Expired", none: "No flag has expired.", has: isExpired },
};

export class FlagList {
  #rows = /** @type {Map<string, FlagRow>} */ (new Map());
  #filter = h("input", {
    class: "filter__input",
    type: "search",
    maxlength: 200,
    placeholder: "Key, owner or rule",
    "aria-label": "Filter flags",
    oninput: () => this.#narrow(),
  });
  #chips = Object.keys(KINDS).map((kind) =>
    h("input", { type: "radio", name: "kind", value: kind, onchange: () => this.#narrow() }),
  );
  #flags = h("ul", { class: "flags" });
  #none = h("p", { class: "quiet" }, "Asking the flags service…");
  #head = h("p", { class: "head" });
  #roster = new Roster();
  #known = /** @type {Flag[]} */ ([]);
  #changes = h("ol", { class: "changes" });

  /** @param {Live} live */
  constructor(live) {
    const kinds = { class: "chips", role: "radiogroup", "aria-label": "Show" };
    const labelled = (/** @type {HTMLInputElement} */ chip) => h("label", { class: "chip" }, chip, KINDS[chip.value].name);
    this.live = live;
    this.element = h(
      "div",
      { class: "board" },
      h(
        "div",
        {},
        h("h1", {}, "Flags"),
        this.#head,
        h("div", { class: "filter" }, this.#filter, h("div", kinds, ...this.#chips.map(labelled))),
        this.#flags,
        this.#none,
      ),
      h(
        "div",
        { class: "aside" },
        h("section", { "aria-labelledby": "who" }, h("h2", { id: "who" }, "Who has applied it"), this.#roster.element),
        h("section", { "aria-labelledby": "last" }, h("h2", { id: "last" }, "Latest changes"), this.#changes),
      ),
    );
  }

  /** Takes up the filter that an address has. @param {URLSearchParams} asked */
  narrowTo(asked) {
    const shown = asked.get("show") ?? "";
    this.#filter.value = asked.get("q") ?? "";
    for (const chip of this.#chips) chip.checked = chip.value === (shown in KINDS ? shown : "all");
  }

  /** Shows what is known now. */
  update() {
    const { state, flags, changes } = this.live;
    if (!state) return;
    const at = state.committed_at;
    const written = at ? [" · written ", timeAgo(at, state.now)] : [];
    const who = h("span", { class: "narrow" }, " · ", h("a", { href: "#who", id: "to-who" }, "who has it"));
    redraw(this.#head, `Generation ${state.generation}`, ...written, who);
    this.#roster.update(state, state.generation);
    if (flags !== this.#known) redraw(this.#changes, ...changes.map((change) => changeItem(change, state.now, true)));
    this.#known = flags;
    this.#keep(flags, state.now);
    this.#draw(state.now);
  }

  /** Keeps a row for each flag, and makes one anew only where there is news of it. @param {Flag[]} flags @param {string} now */
  #keep(flags, now) {
    const rows = flags.map((flag) => {
      const row = this.#rows.get(flag.key);
      return row?.shows(flag, now) ? row : new FlagRow(this.live, flag, now);
    });
    this.#rows = new Map(rows.map((row) => [row.flag.key, row]));
  }

  /** Shows the flags that are asked for, and returns how many those are. @param {string} now */
  #draw(now) {
    const kind = KINDS[this.#kind];
    const words = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = [...this.#rows.values()].filter(
      (row) => kind.has(row.flag, now) && words.every((word) => row.text.includes(word)),
    );
    const elements = shown.map((row) => row.element);
    if (elements.length !== this.#flags.children.length || elements.some((each, at) => each !== this.#flags.children[at]))
      redraw(this.#flags, ...elements);
    this.#none.hidden = shown.length > 0;
    this.#none.textContent = words.length && this.#rows.size ? "No flag is like that." : kind.none;
    return shown.length;
  }

  #narrow() {
    const asked = new URLSearchParams();
    if (this.#filter.value) asked.set("q", this.#filter.value);
    if (this.#kind !== "all") asked.set("show", this.#kind);
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
    if (this.live.state) announce(count(this.#draw(this.live.state.now), "flag"));
  }

  /** The word of what is chosen. */
  get #kind() {
    return this.#chips.find((chip) => chip.checked)?.value ?? "all";
  }
}
