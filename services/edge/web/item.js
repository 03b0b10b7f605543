/**
 * The page of one track, album or artist.
 */

import { announce } from "./announce.js";
import { item, tracksOf, Trouble } from "./api.js";
import { h } from "./dom.js";
import { albumFacts, artistFacts, trackFacts, trackLength } from "./facts.js";
import { KINDS } from "./format.js";
import { Notice } from "./notice.js";
import { PagedList } from "./paged.js";
import { patiently } from "./patience.js";
import { row } from "./results.js";

/** @typedef {import("./api.js").Item} Item */

export class ItemView {
  #flight = new AbortController();
  #notice = new Notice();
  #content = h("div", { class: "item__content" });
  /** @type {Item | null} */
  #item = null;
  /** @type {PagedList | null} */
  #tracks = null;

  /** @param {import("./paths.js").ItemPlace} place @param {import("./client.js").Client} client */
  constructor({ kind, id }, client) {
    this.view = client.view;
    this.kind = kind;
    this.id = id;
    this.element = h("article", { class: "item" }, this.#notice.element, this.#content);
  }

  /** Comes on screen: fetches what is not there yet. */
  enter() {
    document.title = this.#item ? title(this.#item) : "Backline";
    if (!this.#item) this.#load();
    else if (this.#tracks?.results.length === 0) this.#loadTracks();
  }

  /** Goes off screen: gives up what is on its way. */
  leave() {
    this.#flight.abort();
    this.#notice.clear();
    this.#tracks?.abort();
  }

  async #load() {
    const { signal } = (this.#flight = new AbortController());
    this.#notice.clear();
    try {
      this.#show(await patiently((s) => item(this.kind, this.id, s), signal, this.#stages()));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {Item} found */
  #show(found) {
    this.#item = found;
    this.#notice.clear();
    document.title = title(found);
    announce(`${KINDS[found.kind].one}: ${found.title ?? found.name}`);
    const draw = { track: trackFacts, album: albumFacts, artist: artistFacts }[found.kind];
    this.#content.replaceChildren(...draw(found));
    if (this.kind !== "track") this.#loadTracks();
  }

  #loadTracks() {
    const kind = /** @type {"album" | "artist"} */ (this.kind);
    this.#tracks?.element.remove();
    this.#tracks = new PagedList(kind === "album" ? "Tracks" : "Top tracks", "track", (list) => this.#measure(list));
    this.#content.append(this.#tracks.element);
    this.#tracks.begin(
      async (cursor, signal) => {
        const { tracks, next_cursor } = await tracksOf(kind, this.id, this.view.tracks, cursor, signal);
        return { results: tracks, cursor: next_cursor };
      },
      (track, place) => row(kind === "album" ? this.#onAlbum(track) : track, { place }),
    );
  }

  /** Leaves out what the album's heading says already. @param {import("./api.js").Result} track */
  #onAlbum(track) {
    const credit = track.credit === this.#item?.credit ? { credit: "", artists: [] } : {};
    const year = track.release_year === this.#item?.release_year ? { release_year: null } : {};
    return { ...track, ...credit, ...year, album: null };
  }

  /** Says how long an album is, once all of it is known. @param {PagedList} list */
  #measure(list) {
    const place = this.#content.querySelector(".hero__length");
    if (place) place.textContent = list.complete ? trackLength(list.results) : "";
  }

  #stages() {
    return {
      onPlaceholder: () =>
        this.#content.replaceChildren(h("div", { class: "hero hero--placeholder", "aria-hidden": "true" })),
      onSlow: () => this.#notice.note("Taking longer than usual…"),
      onWait: (/** @type {Trouble} */ trouble, /** @type {number} */ waitS) => {
        this.#content.replaceChildren();
        this.#notice.waiting(trouble, waitS);
      },
    };
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!(error instanceof Trouble)) throw error;
    this.#content.replaceChildren();
    if (error.status === 404) this.#content.replaceChildren(missing(`There is no such ${this.kind}`, error));
    else this.#notice.failed(error, () => this.#load());
  }
}

/** The page of an address that leads nowhere. */
export class NowhereView {
  element = missing("There is nothing at this address", null);

  /** Comes on screen. */
  enter() {
    document.title = "Not found · Backline";
  }

  /** Goes off screen. */
  leave() {}
}

/** @param {string} sentence @param {Trouble | null} trouble */
function missing(sentence, trouble) {
  document.title = "Not found · Backline";
  announce(sentence);
  return h(
    "div",
    { class: "missing" },
    h("p", { class: "missing__code", "aria-hidden": "true" }, "404"),
    h("h1", { class: "missing__title" }, sentence),
    h("p", {}, trouble?.detail || "The link may be old, or a letter of it may be missing."),
    trouble?.requestId && h("p", { class: "notice__id" }, "Request ", h("code", {}, trouble.requestId)),
    h("p", {}, h("a", { href: "/", class: "button", "data-stop": true }, "Search instead")),
  );
}

/** @param {Item} found */
function title(found) {
  return [found.title ?? found.name, found.credit, "Backline"].filter(Boolean).join(" · ");
}
