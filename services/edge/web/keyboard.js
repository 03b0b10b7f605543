/**
 * Moves through whatever is on screen by keyboard: the box first, then every element marked `data-stop`, as they stand.
 *
 * The rows are links and stay links (in the tab order, opened by Enter, copied by the browser's menu), so this is a
 * list of links with arrow keys rather than a listbox, whose options could not hold links to artists and albums.
 */

import { DOWN, LEFT, nearest, RIGHT, UP } from "./nearest.js";

/** @typedef {import("./box.js").Box} Box */
/** @typedef {import("./nearest.js").Way} Way */
/**
 * Does what a key is for, and returns whether it did anything.
 * @typedef {(box: Box, outlet: HTMLElement, active: Element | null, event: KeyboardEvent) => boolean} Action
 */

/**
 * Starts listening.
 * @param {Box} box
 * @param {HTMLElement} outlet where the stops are
 */
export function listenToKeys(box, outlet) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = ACTIONS.get(event.key);
    if (act?.(box, outlet, document.activeElement, event)) event.preventDefault();
  });
}

/**
 * What each key does.
 * @type {Map<string, Action>}
 */
const ACTIONS = new Map([
  ["/", (box, _, active) => !isTyping(active) && done(() => box.focus())],
  ["Escape", escape],
  ["ArrowDown", (box, outlet, active) => step(box, outlet, active, DOWN)],
  ["ArrowUp", (box, outlet, active) => step(box, outlet, active, UP)],
  ["ArrowRight", (box, outlet, active) => !isTyping(active) && step(box, outlet, active, RIGHT)],
  ["ArrowLeft", (box, outlet, active) => !isTyping(active) && step(box, outlet, active, LEFT)],
]);

/** @type {Action} */
function escape(box, _, active, event) {
  if (active !== box.input) return done(() => box.focus());
  return box.input.value !== "" && done(() => box.clear(event));
}

/**
 * Goes to the nearest stop that way; above the first there is the box, and the first is what one comes to from it.
 * @param {Box} box
 * @param {HTMLElement} outlet
 * @param {Element | null} active
 * @param {Way} way
 */
function step(box, outlet, active, way) {
  const stops = /** @type {HTMLElement[]} */ ([...outlet.querySelectorAll("[data-stop]")]).filter((stop) =>
    stop.checkVisibility(),
  );
  const from = stops.find((stop) => stop === active);
  const free = active === box.input || active === outlet || active === document.body;
  const next = from ? nearest(stops, from, way) : free && way === DOWN ? stops[0] : undefined;
  if (next) return done(() => next.focus());
  return from !== undefined && way === UP && done(() => box.focus());
}

/** @param {Element | null} element */
function isTyping(element) {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement
  );
}

/** @param {() => void} action */
function done(action) {
  action();
  return true;
}
