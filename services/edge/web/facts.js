/**
 * Draws what is known about one item: a large heading, then the rest as a table of facts.
 */

import { artwork, hue } from "./artwork.js";
import { creditNodes } from "./credit.js";
import { h } from "./dom.js";
import { count, duration, KINDS, marketName, number, popularityInWords, printedIsrc, runtime } from "./format.js";
import { albumPath } from "./paths.js";
import { explicitBadge } from "./results.js";

/** @typedef {import("./api.js").Item} Item */
/** @typedef {import("./dom.js").Child} Child */

/** How many markets are named before the rest is only counted. */
const NAMED_MARKETS = 12;

/**
 * Returns an album's heading; its tracks follow.
 * @param {Item} album
 */
export function albumFacts(album) {
  return [
    hero(album, [album.release_year, popularityInWords(album.popularity), h("span", { class: "hero__length" })]),
    h("h2", { class: "unseen" }, "Tracks"),
  ];
}

/**
 * Returns an artist's heading; the top tracks follow.
 * @param {Item} artist
 */
export function artistFacts(artist) {
  return [hero(artist, [popularityInWords(artist.popularity)]), h("h2", { class: "item__section" }, "Top tracks")];
}

/**
 * Returns everything that is known about a track.
 * @param {Item} track
 */
export function trackFacts(track) {
  const facts = /** @type {[string, Child | Child[]][]} */ ([
    ["Popularity", number(track.popularity)],
    ["Available", markets(track.markets ?? [])],
    ["ISRC", track.isrc && h("code", {}, printedIsrc(track.isrc))],
    ["Id", h("code", {}, track.id)],
  ]);
  const shown = facts.filter(([, value]) => value !== null && value !== undefined);
  const table = h(
    "dl",
    { class: "facts" },
    shown.map(([name, value]) => h("div", { class: "facts__row" }, h("dt", {}, name), h("dd", {}, value))),
  );
  const albums = track.albums?.length
    ? [
        h("h2", { class: "item__section" }, "Appears on"),
        h("ul", { class: "appearances" }, track.albums.map(appearance)),
      ]
    : [];
  return [
    hero(track, [
      track.release_year,
      track.duration_ms && duration(track.duration_ms),
      track.explicit && explicitBadge(),
    ]),
    ...albums,
    table,
  ];
}

/**
 * Returns `12 tracks · 48 min`; without the time where one of them is not known.
 * @param {import("./api.js").Result[]} tracks
 */
export function trackLength(tracks) {
  const known = tracks.length > 0 && tracks.every((track) => track.duration_ms);
  const total = tracks.reduce((sum, track) => sum + (track.duration_ms ?? 0), 0);
  return known ? `${count(tracks.length, "track")}, ${runtime(total)}` : count(tracks.length, "track");
}

/**
 * Returns the heading of an item's page, tinted with its artwork's hue.
 * @param {Item} item
 * @param {Child[]} line what stands under the title, separated by dots
 */
function hero(item, line) {
  const title = item.title ?? item.name ?? "";
  const drawn = { kind: item.kind, id: item.id, title, album: item.albums?.[0] };
  const element = h(
    "header",
    { class: `hero hero--${item.kind}` },
    h("div", { class: `art art--${item.kind} art--large` }, artwork(drawn, { bars: 25 })),
    h(
      "div",
      { class: "hero__text" },
      h("p", { class: "hero__kind" }, KINDS[item.kind].one),
      h("h1", { class: titleSize(title), dir: "auto" }, title),
      item.credit && h("p", { class: "hero__credit", dir: "auto" }, ...creditNodes(item.credit, item.artists ?? [])),
      item.aliases.length > 0 &&
        h("p", { class: "hero__aliases", dir: "auto" }, `Also known as ${item.aliases.join(", ")}`),
      h(
        "p",
        { class: "hero__line" },
        line.filter(Boolean).map((part) => h("span", { class: "hero__part" }, part)),
      ),
    ),
  );
  element.style.setProperty("--hue", String(hue(drawn)));
  return element;
}

/** Long titles are set smaller, so that they stay a title. @param {string} title */
function titleSize(title) {
  return title.length > 28 ? "hero__title hero__title--long" : "hero__title";
}

/** @param {{id: string, title: string, position: number | null}} album */
function appearance({ id, title, position }) {
  return h(
    "li",
    { class: "appearance" },
    h("div", { class: "art art--album" }, artwork({ kind: "album", id, title })),
    h(
      "div",
      {},
      h("a", { href: albumPath(id), class: "appearance__title", "data-stop": true, dir: "auto" }, title),
      position ? h("p", { class: "appearance__place" }, `Track ${position}`) : null,
    ),
  );
}

/** @param {string[]} codes */
function markets(codes) {
  if (codes.length === 0) return "Everywhere";
  const names = codes.map(marketName).sort((a, b) => a.localeCompare(b, "en"));
  if (names.length <= NAMED_MARKETS) return names.join(", ");
  return h("details", {}, h("summary", {}, `In ${count(names.length, "market")}`), names.join(", "));
}
