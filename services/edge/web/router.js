/**
 * Shows one view per history entry, and keeps each entry's view while the person is elsewhere: going back finds the
 * very same elements, scrolled and focused as they were left.
 */

import { place } from "./paths.js";

/** How many entries keep their view; going back further asks the service again. */
const KEPT = 30;

/**
 * What the router shows. `enter` is called each time the view comes on screen, `leave` each time it goes.
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} enter
 * @property {() => void} leave
 */
/** @typedef {{view: View, scrollY: number, focus: HTMLElement | null}} Entry */

export class Router {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Entry | null} */
  #current = null;
  #counter = 0;

  /**
   * @param {HTMLElement} outlet where views are shown
   * @param {(place: import("./paths.js").Place) => View} open makes the view of a place
   * @param {(view: View, how: "new" | "back" | "anew") => void} onShow
   */
  constructor(outlet, open, onShow) {
    this.outlet = outlet;
    this.open = open;
    this.onShow = onShow;
  }

  /** Shows the address the document was opened at and follows links and history from then on. */
  start() {
    history.scrollRestoration = "manual";
    document.addEventListener("click", (event) => this.#follow(event));
    addEventListener("popstate", () => this.#show(new URL(location.href), history.state?.key));
    this.#show(new URL(location.href), history.state?.key);
  }

  /**
   * Opens an address as a new history entry.
   * @param {string} path
   */
  go(path) {
    const key = this.#newKey();
    history.pushState({ key }, "", path);
    this.#show(new URL(location.href), key);
  }

  /**
   * Renames the entry on screen without opening anything.
   * @param {string} path
   */
  rename(path) {
    history.replaceState(history.state, "", path);
  }

  /** Opens what is on screen anew, and so will every view be that was kept: what they show has changed. */
  reopen() {
    this.#entries.clear();
    this.#show(new URL(location.href), history.state?.key, "anew");
  }

  /** The view on screen. */
  get view() {
    return this.#current?.view ?? null;
  }

  /** @param {MouseEvent} event */
  #follow(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const elsewhere =
      event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || link.target || link.origin !== location.origin || link.hash) return;
    if (place(new URL(link.href)).view === "nowhere") return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }

  /** @param {URL} url @param {string | undefined} knownKey @param {"new" | "anew"} how a view that was not kept comes */
  #show(url, knownKey, how = "new") {
    this.#leave();
    const key = knownKey ?? this.#newKey();
    if (knownKey === undefined) history.replaceState({ key }, "");
    const kept = this.#entries.get(key);
    this.#current = kept ?? { view: this.open(place(url)), scrollY: 0, focus: null };
    this.#keep(key, this.#current);
    this.outlet.replaceChildren(this.#current.view.element);
    this.#current.view.enter();
    this.onShow(this.#current.view, kept ? "back" : how);
    scrollTo({ top: this.#current.scrollY, behavior: "instant" });
    this.#current.focus?.focus({ preventScroll: true });
  }

  #leave() {
    if (!this.#current) return;
    const { activeElement } = document;
    const inside =
      activeElement instanceof HTMLElement && this.outlet.contains(activeElement) && activeElement !== this.outlet;
    this.#current.focus = inside ? activeElement : null;
    this.#current.scrollY = scrollY;
    this.#current.view.leave();
  }

  /** @param {string} key @param {Entry} entry */
  #keep(key, entry) {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > KEPT) this.#entries.delete(/** @type {string} */ (this.#entries.keys().next().value));
  }

  /** Unique across reloads, which history entries outlive. */
  #newKey() {
    this.#counter += 1;
    return `${performance.timeOrigin} ${this.#counter}`;
  }
}
