/**
 * Says numbers the way a person reads them.
 */

const NUMBER = new Intl.NumberFormat("en");
const IN_WORDS = new Intl.NumberFormat("en", {
  notation: "compact",
  compactDisplay: "long",
  maximumSignificantDigits: 2,
});
const REGION = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** What may be left out of an answer, as the end of a sentence. */
const LEFT_OUT = new Map(
  Object.entries({
    candidates_cut: "not everything was looked through",
    sources_skipped: "only what was typed was looked for, and nothing like it",
    short_query_skipped: "a letter or two are too few just now",
  }),
);

/** What one item of each kind is called, and many of them. */
export const KINDS = /** @type {const} */ ({
  track: { one: "Track", many: "Tracks" },
  album: { one: "Album", many: "Albums" },
  artist: { one: "Artist", many: "Artists" },
});

/**
 * Returns `3:05` or `1:02:09`.
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (parts[0] ? parts : parts.slice(1))
    .map((part, place) => (place ? String(part).padStart(2, "0") : part))
    .join(":");
}

/**
 * Returns `48 min` or `2 h 5 min`.
 * @param {number} ms
 */
export function runtime(ms) {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Returns `1 result`, `1,200 results`.
 * @param {number} amount
 * @param {string} noun
 */
export function count(amount, noun) {
  return `${NUMBER.format(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/**
 * Returns milliseconds with the digits that mean something: `0.4 ms`, `7 ms`.
 * @param {number} ms
 */
export function milliseconds(ms) {
  return `${ms < 1 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
}

/**
 * Returns `Popularity 240 million`. Popularity compares items of one catalogue only, whose scale may be plays or
 * anything else, so a figure is all that can honestly be said.
 * @param {number} popularity
 */
export function popularityInWords(popularity) {
  return `Popularity ${IN_WORDS.format(popularity)}`;
}

/**
 * Returns the name of a source or of what was left out, as words: `drop tokens`.
 * @param {string} name
 */
export function nameInWords(name) {
  return name.replaceAll("_", " ");
}

/**
 * Returns what was left out of an answer in a person's words.
 * @param {string} reason
 */
export function leftOut(reason) {
  return LEFT_OUT.get(reason) ?? nameInWords(reason);
}

/** @param {number} amount */
export function number(amount) {
  return NUMBER.format(amount);
}

/**
 * Returns the market's name in English, or its code where it has none.
 * @param {string} market an ISO 3166 alpha-2 code
 */
export function marketName(market) {
  return REGION.of(market) ?? market;
}

/**
 * Returns an ISRC with the hyphens it is printed with: country, registrant, year, designation.
 * @param {string} isrc twelve characters
 */
export function printedIsrc(isrc) {
  return [isrc.slice(0, 2), isrc.slice(2, 5), isrc.slice(5, 7), isrc.slice(7)].join("-");
}
