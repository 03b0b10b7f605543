/**
 * The filters above the results: one kind or all of them, and whether explicit tracks are hidden. Hiding them is a
 * preference of the person, so it is remembered, for each type of client, and not part of the address. Until there is one
 * the client's own default holds.
 */

import { h } from "./dom.js";
import { KINDS } from "./format.js";

/** @typedef {import("./paths.js").Kind} Kind */

const REMEMBERED = "backline.hide-explicit";
const CHOICES = /** @type {[Kind | null, string][]} */ ([
  [null, "All"],
  ...Object.entries(KINDS).map(([kind, { many }]) => [kind, many]),
]);

export class Filters {
  #kinds = CHOICES.map(([kind, label]) => chip(label, "chip", () => this.#change({ kind })));
  #explicit = chip("Hide explicit", "chip chip--switch", () => this.#change({ hideExplicit: !this.hideExplicit }));

  /**
   * @param {Kind | null} kind null for all
   * @param {import("./client.js").Client} client
   * @param {() => void} onChange
   */
  constructor(kind, client, onChange) {
    this.kind = kind;
    this.client = client;
    this.hideExplicit = this.#preferred();
    this.onChange = onChange;
    this.element = h(
      "div",
      { class: "filters" },
      h("div", { class: "filters__kinds", role: "group", "aria-label": "Kinds" }, this.#kinds),
      this.#explicit,
    );
    this.#reflect();
  }

  /** Whether anything is left out. */
  get active() {
    return this.kind !== null || this.hideExplicit;
  }

  /** Takes up the remembered preference, which another view may have changed. Returns whether it had. */
  refresh() {
    const changed = this.hideExplicit !== this.#preferred();
    this.hideExplicit = this.#preferred();
    this.#reflect();
    return changed;
  }

  /** Leaves nothing out. */
  clear() {
    this.#change({ kind: null, hideExplicit: false });
  }

  /** @param {{kind?: Kind | null, hideExplicit?: boolean}} choice */
  #change({ kind = this.kind, hideExplicit = this.hideExplicit }) {
    this.kind = kind;
    this.hideExplicit = hideExplicit;
    remember(this.client.type, hideExplicit);
    this.#reflect();
    this.onChange();
  }

  #preferred() {
    return remembered(this.client.type) ?? !this.client.view.explicit;
  }

  #reflect() {
    this.#kinds.forEach((button, place) =>
      button.setAttribute("aria-pressed", String(CHOICES[place][0] === this.kind)),
    );
    this.#explicit.setAttribute("aria-pressed", String(this.hideExplicit));
  }
}

/** @param {string} label @param {string} looks @param {() => void} onclick */
function chip(label, looks, onclick) {
  return h("button", { type: "button", class: looks, onclick }, label);
}

/**
 * Returns what was chosen, null where nothing was. Storage may be switched off in the browser; then nothing is remembered.
 * @param {string} type
 */
function remembered(type) {
  try {
    const hide = localStorage.getItem(`${REMEMBERED}.${type}`);
    return hide === null ? null : hide === "yes";
  } catch {
    return null;
  }
}

/** @param {string} type @param {boolean} hide */
function remember(type, hide) {
  try {
    localStorage.setItem(`${REMEMBERED}.${type}`, hide ? "yes" : "no");
  } catch {
    // As in remembered().
  }
}
