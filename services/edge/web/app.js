/**
 * The page's beginning: joins the search box, the views and the address bar.
 */

import { Box } from "./box.js";
import { meet } from "./client.js";
import { offerDisguise } from "./disguise.js";
import { ItemView, NowhereView } from "./item.js";
import { listenToKeys } from "./keyboard.js";
import { searchPath } from "./paths.js";
import { Router } from "./router.js";
import { SearchView } from "./search.js";

/** @typedef {import("./paths.js").Place} Place */

let client = await meet();
const outlet = /** @type {HTMLElement} */ (document.getElementById("main"));
const box = new Box(/** @type {HTMLFormElement} */ (document.getElementById("search-form")), ask);
const router = new Router(outlet, open, show);

/** @param {Place} place @returns {import("./router.js").View} */
function open(place) {
  if (place.view === "search") return new SearchView(place, client, (path) => router.rename(path));
  return place.view === "item" ? new ItemView(place, client) : new NowhereView();
}

/** Searches where the person is; from an item's page, in a new history entry. @param {string} query */
function ask(query) {
  if (router.view instanceof SearchView) router.view.ask(query);
  else if (query.trim()) router.go(searchPath(query, null));
}

/**
 * Fits the box and the focus to the view. A new search starts in the box, but not by raising a phone's keyboard; a new
 * page starts at its beginning; what is shown once more leaves the focus alone.
 * @param {import("./router.js").View} view
 * @param {"new" | "back" | "anew"} how
 */
function show(view, how) {
  const searching = view instanceof SearchView;
  document.body.dataset.view = searching ? "search" : "item";
  box.settle(searching ? view.query : null);
  if (how !== "new" || document.activeElement === box.input) return;
  if (!searching) outlet.focus({ preventScroll: true });
  else if (matchMedia("(hover: hover)").matches) box.input.focus();
}

document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  outlet.focus();
});
offerDisguise(/** @type {HTMLSelectElement} */ (document.getElementById("disguise")), async () => {
  client = await meet();
  router.reopen();
});
listenToKeys(box, outlet);
router.start();
