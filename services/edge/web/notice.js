/**
 * Says what is wrong and what happens next, in the place where the person is looking.
 */

import { h, icon } from "./dom.js";

/** @typedef {import("./api.js").Trouble} Trouble */

const WORDS = {
  offline: { title: "You are offline", text: "Search comes back by itself as soon as the connection does." },
  network: {
    title: "No connection to Backline",
    text: "It may be restarting, or something between here and there is broken.",
  },
  timeout: { title: "No answer in time", text: "The question was sent, but nothing came back." },
  garbled: { title: "That answer made no sense", text: "Something between here and Backline changed it." },
  busy: { title: "Busy just now", text: "Backline is turning requests away so that it can answer the rest." },
  broken: { title: "Something broke on our side", text: "This was not your doing." },
  refused: { title: "That cannot be asked", text: "" },
};

/** @param {Trouble} trouble */
function wordsFor(trouble) {
  if (trouble.kind === "network" && !navigator.onLine) return WORDS.offline;
  if (trouble.kind !== "problem") return WORDS[trouble.kind];
  if ([429, 503].includes(trouble.status)) return WORDS.busy;
  if (trouble.status === 504) return WORDS.timeout;
  return trouble.status >= 500 ? WORDS.broken : WORDS.refused;
}

/** A place for one notice at a time. It stays in the page while it is empty: only so is what comes into it read out. */
export class Notice {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  constructor() {
    this.element = h("div", { role: "status" });
  }

  /** Takes the notice away. */
  clear() {
    clearInterval(this.#ticking);
    this.element.replaceChildren();
  }

  /**
   * Says in one quiet line what is worth knowing.
   * @param {string} text
   */
  note(text) {
    this.#show("note", h("p", {}, text));
  }

  /**
   * Says what went wrong and that it will be asked again.
   * @param {Trouble} trouble
   * @param {number} waitS
   * @param {string} [aside] one more sentence
   */
  waiting(trouble, waitS, aside = "") {
    const until = performance.now() + waitS * 1000;
    const left = h("span", { "aria-hidden": "true" });
    const tick = () => {
      const seconds = Math.ceil((until - performance.now()) / 1000);
      left.textContent = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again…";
    };
    tick();
    this.#show("trouble", ...sentences(trouble, aside), h("p", { class: "notice__next" }, left));
    this.#ticking = setInterval(tick, 1000);
  }

  /**
   * Says what went wrong, and offers to try again.
   * @param {Trouble} trouble
   * @param {() => void} again
   */
  failed(trouble, again) {
    const retry = h("button", { type: "button", class: "button", onclick: again }, "Try again");
    this.#show("trouble", ...sentences(trouble), h("p", { class: "notice__next" }, retry));
  }

  /** @param {"note" | "trouble"} tone @param {...Node} content */
  #show(tone, ...content) {
    this.clear();
    this.element.replaceChildren(h("div", { class: `notice notice--${tone}` }, icon("note"), h("div", {}, ...content)));
  }
}

/** @param {Trouble} trouble @param {string} [aside] */
function sentences(trouble, aside = "") {
  const { title, text } = wordsFor(trouble);
  return [
    h("p", { class: "notice__title" }, title),
    h("p", {}, [text, trouble.detail, aside].filter(Boolean).join(" ")),
    trouble.requestId ? h("p", { class: "notice__id" }, "Request ", h("code", {}, trouble.requestId)) : new Text(),
  ];
}
