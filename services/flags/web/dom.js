/**
 * Builds elements. All that comes from the network becomes text nodes or attributes here, so nothing in a flag can be
 * markup.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Properties */

/**
 * Returns an element. A function becomes a listener (`onclick`), true an empty attribute, false and null none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...shown(children.flat()));
  return element;
}

/** Returns what there is to show: strings and nodes. @param {Child[]} children */
function shown(children) {
  return children
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "")
    .map((child) => (child instanceof Node ? child : String(child)));
}

/**
 * Replaces what an element holds, and leaves the focus on the same element, or on the new one of the same id.
 * @param {Element} parent
 * @param {...Child} children
 */
export function redraw(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  parent.replaceChildren(...shown(children));
  if (focused) focusAgain(focused);
}

/** Focuses an element, or the one that has taken its place under the same id. @param {HTMLElement} element */
export function focusAgain(element) {
  const again = element.isConnected ? element : document.getElementById(element.id);
  again?.focus({ preventScroll: true });
}

/**
 * Tells people who use a screen reader what sighted people see change.
 * @param {string} text
 */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region && region.textContent !== text) region.textContent = text;
}
