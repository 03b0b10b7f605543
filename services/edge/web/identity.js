/**
 * Which client the page says it is: what the address asks for (`?as=car`), else what was chosen before, else nothing,
 * and then the edge goes by the browser's own headers. Only the edge knows the types and what becomes of them.
 */

const REMEMBERED = "backline.client";
const PARAMETER = "as";
/** What may stand in a header as it is. */
const WORD = /^[a-z]{1,32}$/;

let chosen = asked() ?? remembered();
remember(chosen);

/** Returns the type that the page asks as; empty for whatever the browser is. */
export function identity() {
  return chosen;
}

/** Returns the headers that tell the edge. */
export function identityHeaders() {
  return /** @type {Record<string, string>} */ (chosen ? { "x-backline-client": chosen } : {});
}

/**
 * Asks as another type from now on, also after a reload.
 * @param {string} type empty for whatever the browser is
 */
export function become(type) {
  chosen = word(type);
  remember(chosen);
  const url = new URL(location.href);
  url.searchParams.delete(PARAMETER);
  history.replaceState(history.state, "", url);
}

function asked() {
  const type = new URLSearchParams(location.search).get(PARAMETER);
  return type === null ? null : word(type);
}

/** @param {string} text */
function word(text) {
  return WORD.test(text) ? text : "";
}

/** Storage may be switched off in the browser; then a choice lasts as long as the page. */
function remembered() {
  try {
    return word(localStorage.getItem(REMEMBERED) ?? "");
  } catch {
    return "";
  }
}

/** @param {string} type */
function remember(type) {
  try {
    localStorage.setItem(REMEMBERED, type);
  } catch {
    // As in remembered().
  }
}
