/**
 * What the page says before anything has been typed: what can be typed, and examples out of the catalogue itself.
 */

import { suggest } from "./api.js";
import { artwork } from "./artwork.js";
import { h } from "./dom.js";
import { KINDS } from "./format.js";
import { searchPath } from "./paths.js";

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Letters that many names begin with, in many languages. */
const SAMPLED = ["a", "m", "s", "l", "t", "c"];

/** @typedef {import("./api.js").Suggestion} Suggestion */

/** The first view's content. Examples are fetched once and left out where they cannot be had. */
export class Welcome {
  #examples = h("ul", { class: "examples" });
  #shelf = h(
    "section",
    { class: "welcome__shelf", "aria-labelledby": "examples-title", hidden: true },
    h("h2", { id: "examples-title" }, "From this catalogue"),
    this.#examples,
  );

  /** @param {number} amount how many examples to show */
  constructor(amount) {
    this.amount = amount;
    this.element = h("div", { class: "welcome" }, lead(), letters(), this.#shelf, keys());
  }

  /**
   * Fetches the examples unless they are there.
   * @param {AbortSignal} signal
   */
  async fill(signal) {
    if (!this.#shelf.hidden) return;
    const answers = await Promise.all(
      SAMPLED.slice(0, this.amount).map((letter) => suggest(letter, 3, signal).catch(() => ({ suggestions: [] }))),
    );
    if (signal.aborted) return;
    const chosen = varied(answers.map(({ suggestions }) => suggestions));
    this.#examples.replaceChildren(...chosen.map(example));
    this.#shelf.hidden = chosen.length === 0;
  }
}

/**
 * Picks one suggestion per letter, each text once, of the kind that was picked least so far.
 * @param {Suggestion[][]} byLetter
 * @returns {Suggestion[]}
 */
function varied(byLetter) {
  /** @type {Map<string, Suggestion>} */
  const chosen = new Map();
  const taken = (/** @type {string} */ kind) =>
    [...chosen.values()].filter((suggestion) => suggestion.kind === kind).length;
  for (const suggestions of byLetter) {
    const [rarest] = suggestions.filter(({ text }) => !chosen.has(text)).sort((a, b) => taken(a.kind) - taken(b.kind));
    if (rarest) chosen.set(rarest.text, rarest);
  }
  return [...chosen.values()];
}

/** @param {Suggestion} suggestion */
function example({ text, kind }) {
  const cover = h(
    "div",
    { class: `art art--${kind} art--large` },
    artwork({ kind, id: text, title: text }, { bars: 15 }),
  );
  const link = h("a", { href: searchPath(text, null), class: "example__link", "data-stop": true, dir: "auto" }, text);
  return h("li", { class: "example" }, cover, link, h("p", { class: "example__kind" }, KINDS[kind].one));
}

function lead() {
  return h(
    "p",
    { class: "welcome__lead" },
    "A title, an album, a name, or a bit of each: from the first letter on, in any order, with or without accents.",
  );
}

function letters() {
  const links = LETTERS.map((letter) =>
    h(
      "li",
      {},
      h(
        "a",
        { href: searchPath(letter.toLowerCase(), null), class: "letter", "data-stop": true, "aria-label": `Search for ${letter}` },
        letter,
      ),
    ),
  );
  return h(
    "nav",
    { class: "welcome__letters", "aria-label": "Start with a letter" },
    h("ul", { class: "letters" }, links),
  );
}

function keys() {
  const hints = [
    ["/", "search"],
    ["↑ ↓", "move"],
    ["Enter", "open"],
    ["Esc", "back to the box"],
  ];
  return h(
    "p",
    { class: "welcome__keys" },
    hints.map(([key, what]) => h("span", {}, h("kbd", {}, key), ` ${what}`)),
  );
}
