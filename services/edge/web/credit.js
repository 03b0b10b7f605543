/**
 * Turns a printed credit ("Nightbus feat. Ana Lima") into text in which each artist that has a page is a link.
 */

import { artistPath } from "./paths.js";
import { h } from "./dom.js";
import { highlighted } from "./highlight.js";

/** @typedef {{id: string, name: string}} ArtistName */

/**
 * Returns the credit's nodes. Where it does not print an artist by name (an alias, a former name), it stays text: the
 * credit is shown as printed.
 * @param {string} credit
 * @param {ArtistName[]} artists
 * @param {string} [query] what to mark in it
 * @returns {Node[]}
 */
export function creditNodes(credit, artists, query = "") {
  return segments(credit || artists.map(({ name }) => name).join(", "), artists).map(({ text, artist }) =>
    artist
      ? h("a", { href: artistPath(artist.id), class: "credit__artist" }, ...highlighted(text, query))
      : h("span", {}, ...highlighted(text, query)),
  );
}

/**
 * Splits a credit at the names in it; of two names that begin at one place the longer wins.
 * @param {string} credit
 * @param {ArtistName[]} artists
 * @returns {{text: string, artist?: ArtistName}[]}
 */
function segments(credit, artists) {
  const named = artists.filter(({ name }) => name !== "").sort((a, b) => b.name.length - a.name.length);
  /** @type {{text: string, artist?: ArtistName}[]} */
  const parts = [];
  let plainFrom = 0;
  for (let at = 0; at < credit.length;) {
    const artist = named.find(({ name }) => credit.startsWith(name, at));
    if (artist) {
      if (at > plainFrom) parts.push({ text: credit.slice(plainFrom, at) });
      parts.push({ text: artist.name, artist });
      plainFrom = at + artist.name.length;
    }
    at = artist ? plainFrom : at + 1;
  }
  if (plainFrom < credit.length) parts.push({ text: credit.slice(plainFrom) });
  return parts;
}
