/**
 * The page's beginning: shows all flags or one of them, by the address, and lets it follow what is in force.
 */

import { askToken } from "./dialog.js";
import { FlagView } from "./flag.js";
import { FlagList } from "./list.js";
import { Live } from "./live.js";
import { notice, refusal, unsay } from "./notices.js";
import { retell } from "./time.js";

const live = new Live();
const outlet = /** @type {HTMLElement} */ (document.getElementById("main"));
const gone = /** @type {HTMLElement} */ (document.getElementById("gone"));
const refuses = /** @type {HTMLElement} */ (document.getElementById("refuses"));
const list = new FlagList(live);
/** @type {FlagView | null} */
let view = null;

/** Shows what the address asks for. */
function show() {
  const asked = new URLSearchParams(location.search);
  const key = asked.get("flag");
  if (key === view?.key && outlet.contains(view.element)) return;
  view = key === null ? null : new FlagView(live, key);
  document.title = key === null ? "Flags" : `${key} · Flags`;
  list.narrowTo(asked);
  outlet.replaceChildren((view ?? list).element);
  update();
}

/** Shows what is known now. */
function update() {
  (view ?? list).update();
  if (live.state) retell(live.state.now);
}

/** Goes to an address of this page without loading it anew. @param {string} href */
function go(href) {
  history.pushState(null, "", href);
  show();
  scrollTo(0, 0);
  outlet.focus({ preventScroll: true });
}

/** @param {MouseEvent} event */
function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented) return;
  if (link.origin !== location.origin || link.pathname !== location.pathname || link.hash) return;
  event.preventDefault();
  go(link.href);
}

live.addEventListener("news", () => {
  if (live.state?.refuses) refusal(refuses, live.state.refuses);
  else unsay(refuses);
  update();
});
live.addEventListener("gone", () => {
  const text = live.state
    ? "What is shown here is from before. Every process goes on with the flags that it has."
    : "It is asked again every second.";
  notice(gone, live.trouble, text);
  document.body.classList.add("stale");
});
live.addEventListener("back", () => {
  unsay(gone);
  document.body.classList.remove("stale");
});
document.addEventListener("click", follow);
document.getElementById("token")?.addEventListener("click", () => askToken());
addEventListener("popstate", show);

show();
live.run();
