/**
 * What is in force, kept true by asking every second: who has applied what, and all flags once for each generation.
 *
 * Events: `news` after each answer, `gone` after each that did not come, `back` where one came again.
 */

import { Trouble, get } from "./api.js";

/** @typedef {import("./api.js").State} State */
/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./api.js").Change} Change */

const EVERY_MS = 1_000;
const HURRIED_MS = 150;

export class Live extends EventTarget {
  /** Null until the first answer. @type {State | null} */
  state = null;
  /** @type {Flag[]} */
  flags = [];
  /** The latest ones, newest first. @type {Change[]} */
  changes = [];
  /** Why there was no answer just now; empty where there was. */
  trouble = "";
  #generation = -1;
  #hurried = 0;
  /** @type {() => void} */
  #wake = () => {};

  /** Asks for as long as the page is open; while it is out of sight, not at all. */
  async run() {
    document.addEventListener("visibilitychange", () => this.#wake());
    for (;;) {
      if (!document.hidden) await this.#ask();
      await this.#rest(document.hidden ? Infinity : this.#hurried ? HURRIED_MS : EVERY_MS);
    }
  }

  /** Asks at once, and often until what is returned is called. */
  hurry() {
    this.#hurried += 1;
    this.#wake();
    return () => {
      this.#hurried -= 1;
    };
  }

  async #ask() {
    try {
      const state = /** @type {State} */ (await get("state"));
      if (state.generation !== this.#generation) await this.#read();
      this.state = state;
      this.#answered();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.trouble = error.message;
      this.dispatchEvent(new Event("gone"));
    }
  }

  async #read() {
    const { generation, flags, changes } = await get("flags");
    this.flags = flags;
    this.changes = changes;
    this.#generation = generation;
  }

  #answered() {
    if (this.trouble) this.dispatchEvent(new Event("back"));
    this.trouble = "";
    this.dispatchEvent(new Event("news"));
  }

  /** @param {number} ms */
  #rest(ms) {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      if (ms < Infinity) setTimeout(resolve, ms);
    });
  }
}
