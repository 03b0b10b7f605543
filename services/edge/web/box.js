/**
 * The search box: tells the page what has been typed once the typing pauses.
 */

const PAUSE_MS = 120;

export class Box {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLFormElement} form with one input named q and one reset button
   * @param {(query: string) => void} onQuery
   */
  constructor(form, onQuery) {
    this.input = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
    this.clearButton = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=reset]"));
    this.onQuery = onQuery;
    form.addEventListener("submit", (event) => this.#tell(event));
    form.addEventListener("reset", (event) => this.clear(event));
    this.input.addEventListener("input", (event) => this.#typed(/** @type {InputEvent} */ (event)));
    this.input.addEventListener("compositionend", () => this.#wait());
  }

  /** Puts the cursor into the box, with everything selected so that typing starts anew. */
  focus() {
    this.input.focus();
    this.input.select();
  }

  /**
   * Shows a query that came from elsewhere; null leaves the text as it is. Either way, what was typed is not told.
   * @param {string | null} query
   */
  settle(query) {
    clearTimeout(this.#timer);
    if (query !== null && query !== this.input.value) this.input.value = query;
    this.#reflect();
  }

  /**
   * Empties the box and tells so.
   * @param {Event} event
   */
  clear(event) {
    this.input.value = "";
    this.input.focus();
    this.#reflect();
    this.#tell(event);
  }

  /**
   * Takes notice of a key; an unfinished composition (Japanese, Korean, a dead key) is not yet what the person means.
   * @param {InputEvent} event
   */
  #typed(event) {
    this.#reflect();
    if (!event.isComposing) this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.onQuery(this.input.value), PAUSE_MS);
  }

  /** @param {Event} event */
  #tell(event) {
    event.preventDefault();
    clearTimeout(this.#timer);
    this.onQuery(this.input.value);
  }

  #reflect() {
    this.clearButton.hidden = this.input.value === "";
  }
}
