/**
 * What stands in the way of everything here, said once, so that it is read out once.
 */

import { h } from "./dom.js";

/** Does as it is, with a reason that is true wherever it is needed. */
const ADOPT = 'backline flags adopt --reason "restored from a backup"';
const COPIED_MS = 2_000;

/**
 * Says something in its place, unless it is there already.
 * @param {HTMLElement} place
 * @param {string} title
 * @param {string} text
 * @param {() => Node[]} [more]
 */
export function notice(place, title, text, more = () => []) {
  if (place.dataset.said === title + text) return;
  place.dataset.said = title + text;
  const lines = [h("p", { class: "notice__title" }, title), h("p", {}, ...withCode(text))];
  place.replaceChildren(h("div", { class: "notice" }, ...lines, ...more()));
}

/** Takes back what is said there. @param {HTMLElement} place */
export function unsay(place) {
  delete place.dataset.said;
  place.replaceChildren();
}

/** Says why the server refuses, what that means, and how it ends. @param {HTMLElement} place @param {string} reason */
export function refusal(place, reason) {
  notice(place, "Nothing can be changed or handed out now", reason, () => [
    h("p", {}, "Meanwhile every process goes on with the flags that it has, and no kill reaches any of them."),
    h("p", {}, "Going on with this store loses what was written after it was copied. On its machine:"),
    copyable(ADOPT),
  ]);
}

/** Returns a command that a click selects, and where the browser lets a page do so, a button that copies it. @param {string} command */
function copyable(command) {
  const copy = async () => {
    const copied = navigator.clipboard.writeText(command);
    button.textContent = await copied.then(
      () => "Copied",
      () => "Not allowed",
    );
    setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
  };
  const button = h("button", { type: "button", class: "button button--quiet", onclick: copy }, "Copy");
  return h("p", { class: "command" }, h("code", {}, command), navigator.clipboard && button);
}

/** Returns a sentence whose parts between backquotes are code. @param {string} text */
function withCode(text) {
  return text.split("`").map((part, place) => (place % 2 ? h("code", {}, part) : part));
}
