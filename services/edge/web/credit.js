/**
 * Turns a printed credit ("Nightbus feat. Ana Lima") into text in which each artist that has a page is a link.
 */

import { artistPath } from "./paths.js";
import { h } from "./dom.js";
import { marked, overlap } from "./marks.js";

/** @typedef {{id: string, name: string}} ArtistName */

/**
 * Returns the credit's nodes. Where it does not print an artist by name (an alias, a former name), it stays text: the
 * credit is shown as printed.
 * @param {string} credit
 * @param {ArtistName[]} artists
 * @param {import("./marks.js").Range[]} [ranges] what to mark in it
 * @returns {Node[]}
 */
export function creditNodes(credit, artists, ranges = []) {
  return segments(credit || artists.map(({ name }) => name).join(", "), artists).map(({ text, from, artist }) => {
    const nodes = marked(text, overlap(ranges, from, from + text.length));
    return artist
      ? h("a", { href: artistPath(artist.id), class: "credit__artist" }, ...nodes)
      : h("span", {}, ...nodes);
  });
}

/**
 * Splits a credit at the names in it; of two names that begin at one place the longer wins.
 * @param {string} credit
 * @param {ArtistName[]} artists
 * @returns {{text: string, from: number, artist?: ArtistName}[]}
 */
function segments(credit, artists) {
  const named = artists.filter(({ name }) => name !== "").sort((a, b) => b.name.length - a.name.length);
  /** @type {{text: string, from: number, artist?: ArtistName}[]} */
  const parts = [];
  let plainFrom = 0;
  for (let at = 0; at < credit.length;) {
    const artist = named.find(({ name }) => credit.startsWith(name, at));
    if (artist) {
      if (at > plainFrom) parts.push({ text: credit.slice(plainFrom, at), from: plainFrom });
      parts.push({ text: artist.name, from: at, artist });
      plainFrom = at + artist.name.length;
    }
    at = artist ? plainFrom : at + 1;
  }
  if (plainFrom < credit.length) parts.push({ text: credit.slice(plainFrom), from: plainFrom });
  return parts;
}
