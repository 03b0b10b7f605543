/**
 * A list that is read page by page: the rows so far, and a button for the next ones.
 */

import { announce } from "./announce.js";
import { Trouble } from "./api.js";
import { h } from "./dom.js";
import { count } from "./format.js";
import { Notice } from "./notice.js";
import { patiently } from "./patience.js";
import { placeholderRows } from "./results.js";

/** @typedef {import("./api.js").Result} Result */
/** @typedef {{results: Result[], cursor: string | null}} Page */
/** @typedef {(cursor: string | null, signal: AbortSignal) => Promise<Page>} FetchPage */
/** @typedef {(result: Result, place: number) => HTMLElement} Draw place counts from 1 */

export class PagedList {
  #notice = new Notice();
  #flight = new AbortController();
  /** @type {FetchPage} */
  #fetch = () => Promise.reject(new Error("no page to fetch"));
  /** @type {Draw} */
  #draw = () => h("li");
  /** @type {string | null} */
  #cursor = null;

  /**
   * @param {string} label the list's accessible name
   * @param {string} noun what one row is called
   * @param {(list: PagedList) => void} [onPage]
   */
  constructor(label, noun, onPage = () => {}) {
    this.noun = noun;
    this.onPage = onPage;
    /** @type {Result[]} */
    this.results = [];
    this.rows = h("ol", { class: "rows", role: "list", "aria-label": label });
    this.more = h(
      "button",
      { type: "button", class: "button button--more", "data-stop": true, hidden: true, onclick: () => this.next() },
      "Show more",
    );
    this.element = h("div", { class: "paged" }, this.rows, this.#notice.element, this.more);
  }

  /** Whether the last page is shown. */
  get complete() {
    return this.#cursor === null;
  }

  /**
   * Shows a first page that has been fetched already. Whoever is in the list already stays there: on the same row where
   * there still is one, else at the same place.
   * @param {Page} page
   * @param {FetchPage} fetch
   * @param {Draw} draw
   */
  start(page, fetch, draw) {
    const stops = () => /** @type {HTMLAnchorElement[]} */ ([...this.rows.querySelectorAll("a[data-stop]")]);
    const place = stops().findIndex((stop) => stop === document.activeElement);
    const address = stops()[place]?.href;
    this.clear();
    this.#fetch = fetch;
    this.#draw = draw;
    this.#append(page);
    if (place >= 0) (stops().find(({ href }) => href === address) ?? stops()[place])?.focus();
  }

  /**
   * Fetches the first page and shows it.
   * @param {FetchPage} fetch
   * @param {Draw} draw
   */
  async begin(fetch, draw) {
    this.clear();
    this.#fetch = fetch;
    this.#draw = draw;
    await this.next();
  }

  /** Fetches the next page and shows it; the focus of someone who asked by keyboard goes on to its first row. */
  async next() {
    this.abort();
    const { signal } = (this.#flight = new AbortController());
    const fromButton = document.activeElement === this.more;
    const known = this.results.length;
    this.more.setAttribute("aria-busy", "true");
    try {
      this.#append(await patiently((s) => this.#fetch(this.#cursor, s), signal, this.#stages()));
      if (known) announce(count(this.results.length, this.noun));
      if (fromButton)
        /** @type {HTMLElement | null} */ (this.rows.children[known]?.querySelector("[data-stop]"))?.focus();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      this.more.removeAttribute("aria-busy");
    }
  }

  /** Gives up what is being fetched. */
  abort() {
    this.#flight.abort();
  }

  /** Shows nothing. */
  clear() {
    this.abort();
    this.#notice.clear();
    this.#cursor = null;
    this.results = [];
    this.rows.replaceChildren();
    this.more.hidden = true;
  }

  /** Shows placeholders where there is nothing yet. */
  placeholders() {
    if (!this.results.length) this.rows.replaceChildren(...placeholderRows(6));
  }

  /** Takes placeholders away. */
  settle() {
    if (!this.results.length) this.rows.replaceChildren();
  }

  /** @param {Page} page */
  #append({ results, cursor }) {
    this.settle();
    this.#notice.clear();
    const known = this.results.length;
    this.results = [...this.results, ...results];
    this.#cursor = cursor;
    this.rows.append(...results.map((result, place) => this.#draw(result, known + place + 1)));
    this.more.hidden = cursor === null;
    this.onPage(this);
  }

  #stages() {
    return {
      onPlaceholder: () => this.placeholders(),
      onSlow: () => this.#notice.note("Taking longer than usual…"),
      onWait: (/** @type {Trouble} */ trouble, /** @type {number} */ waitS) => {
        this.settle();
        this.#notice.waiting(trouble, waitS);
      },
    };
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!(error instanceof Trouble)) throw error;
    this.settle();
    this.#notice.failed(error, () => this.next());
  }
}
