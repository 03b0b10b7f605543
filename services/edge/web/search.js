/**
 * The search view: asks while the person types, and keeps showing the last answer until there is a better one.
 */

import { announce } from "./announce.js";
import { search, Trouble } from "./api.js";
import { correctionLine } from "./correction.js";
import { Details } from "./details.js";
import { h } from "./dom.js";
import { Filters } from "./filters.js";
import { count, leftOut } from "./format.js";
import { nothingFound } from "./nothing.js";
import { Notice } from "./notice.js";
import { PagedList } from "./paged.js";
import { itemPath, searchPath } from "./paths.js";
import { patiently } from "./patience.js";
import { Preview } from "./preview.js";
import { row } from "./results.js";
import { Suggestions } from "./suggestions.js";
import { Welcome } from "./welcome.js";

/** @typedef {import("./api.js").SearchAnswer} SearchAnswer */

export class SearchView {
  #flight = new AbortController();
  #settled = false;
  /** @type {SearchAnswer | null} */
  #answer = null;
  #notice = new Notice();
  /** @type {Suggestions} */
  #suggestions;
  /** @type {Welcome} */
  #welcome;
  #preview = new Preview();
  #list = new PagedList("Results", "result", () => this.#foot());
  #correction = h("div");
  #nothing = h("div");
  #details = new Details();

  /**
   * @param {import("./paths.js").SearchPlace} place
   * @param {import("./client.js").Client} client
   * @param {(path: string) => void} rename tells the address bar where the view is now
   */
  constructor({ query, kind }, client, rename) {
    this.query = query;
    this.view = client.view;
    this.#suggestions = new Suggestions(client.view.suggestions);
    this.#welcome = new Welcome(client.view.examples);
    this.rename = rename;
    this.filters = new Filters(kind, client, () => this.ask(this.query));
    const found = h(
      "div",
      { class: "search__found" },
      this.#notice.element,
      this.#correction,
      this.#nothing,
      this.#list.element,
    );
    this.asking = h(
      "div",
      { class: "search__asking" },
      this.filters.element,
      this.#suggestions.element,
      h("div", { class: "search__columns" }, found, this.#preview.element),
    );
    this.element = h(
      "div",
      { class: "search" },
      h("h1", { class: "unseen" }, "Search"),
      this.asking,
      this.#welcome.element,
      this.#details.element,
    );
    for (const event of ["focusin", "pointerover"])
      this.#list.rows.addEventListener(event, ({ target }) => this.#look(/** @type {Element} */ (target)));
  }

  /** Comes on screen: asks unless the answer is there. */
  enter() {
    document.title = this.query.trim() ? `“${this.query.trim()}” · Backline` : "Backline";
    if (this.filters.refresh() || !this.#settled) this.#run();
  }

  /** Goes off screen: gives up what is on its way. */
  leave() {
    this.#flight.abort();
    this.#notice.clear();
    this.#list.abort();
    this.#suggestions.clear();
  }

  /**
   * Asks a new question in place of the present one.
   * @param {string} query
   */
  ask(query) {
    this.query = query;
    this.#settled = false;
    this.rename(searchPath(query, this.filters.kind));
    this.enter();
  }

  async #run() {
    this.#flight.abort();
    const { signal } = (this.#flight = new AbortController());
    this.#notice.clear();
    const blank = this.query.trim() === "";
    this.asking.hidden = blank;
    this.#welcome.element.hidden = !blank;
    if (blank) return this.#greet(signal);
    this.#suggestions.show(this.query, this.filters.kind);
    this.#list.element.setAttribute("aria-busy", "true");
    try {
      this.#show(await patiently((s) => search(this.#wanted(), s), signal, this.#stages()));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {AbortSignal} signal */
  #greet(signal) {
    this.#settled = true;
    this.#answer = null;
    this.#suggestions.clear();
    this.#list.clear();
    this.#correction.replaceChildren();
    this.#nothing.replaceChildren();
    this.#details.clear();
    announce("");
    this.#welcome.fill(signal);
  }

  /** @param {SearchAnswer} answer */
  #show(answer) {
    const wanted = this.#wanted();
    this.#settled = true;
    this.#answer = answer;
    this.#notice.clear();
    this.#list.element.removeAttribute("aria-busy");
    this.#list.start(
      { results: answer.results, cursor: answer.next_cursor },
      (cursor, signal) => this.#more(wanted, cursor, signal),
      (result) => row(result, { artworkPx: this.view.artwork_px }),
    );
    this.#preview.show(answer.results[0] ?? null);
    this.#correction.replaceChildren(
      ...(answer.correction ? [correctionLine(answer.correction, this.filters.kind)] : []),
    );
    // That there is nothing can only be said where everything was looked for.
    const none = answer.results.length === 0 && answer.degraded.length === 0;
    this.#nothing.replaceChildren(...(none ? [nothingFound(this.query, this.filters)] : []));
    if (answer.degraded.length)
      this.#notice.note(`A partial answer, to be in time: ${answer.degraded.map(leftOut).join("; ")}.`);
    const searchedFor = answer.correction ? `${answer.correction.query} instead of ${answer.query}` : answer.query;
    announce(`${count(answer.results.length, "result")} for ${searchedFor}`);
  }

  /**
   * Returns the next results that are not shown yet. A cursor is no longer good once the index has been replaced: then
   * the answer is read anew from its beginning.
   * @param {Parameters<typeof search>[0]} wanted
   * @param {string | null} cursor
   * @param {AbortSignal} signal
   * @returns {Promise<import("./paged.js").Page>}
   */
  async #more(wanted, cursor, signal) {
    const shown = new Set(this.#list.results.map(({ kind, id }) => itemPath(kind, id)));
    for (;;) {
      const answer = await search({ ...wanted, cursor }, signal).catch((error) => {
        if (cursor && error instanceof Trouble && error.field === "cursor") return search(wanted, signal);
        throw error;
      });
      const results = answer.results.filter(({ kind, id }) => !shown.has(itemPath(kind, id)));
      cursor = answer.next_cursor;
      if (results.length || cursor === null) return { results, cursor };
    }
  }

  /** Writes the quiet line under the results. */
  #foot() {
    if (this.#answer) this.#details.show(this.#answer, this.#list.results);
  }

  #wanted() {
    const { kind, hideExplicit } = this.filters;
    return { query: this.query, kind, hideExplicit, limit: this.view.results };
  }

  #stages() {
    return {
      onPlaceholder: () => this.#list.placeholders(),
      onSlow: () => this.#notice.note("Taking longer than usual…"),
      onWait: (/** @type {Trouble} */ trouble, /** @type {number} */ waitS) => {
        this.#list.settle();
        this.#notice.waiting(trouble, waitS, this.#keptResults());
      },
    };
  }

  #keptResults() {
    return this.#list.results.length && this.#answer ? `Below is what “${this.#answer.query}” found.` : "";
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!(error instanceof Trouble)) throw error;
    this.#list.settle();
    this.#list.element.removeAttribute("aria-busy");
    this.#notice.failed(error, () => this.#run());
  }

  /** Shows in the preview the row that an event came from. @param {Element} target */
  #look(target) {
    const place = [...this.#list.rows.children].indexOf(/** @type {Element} */ (target.closest("li")));
    this.#preview.show(this.#list.results[place] ?? null);
  }
}
