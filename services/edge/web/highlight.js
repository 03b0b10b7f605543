/**
 * Finds what has been typed in a completion, without regard to case and accents, and marks it.
 *
 * What results have of a query comes with them from the service, which folds far more than this; of completions it is
 * enough to mark what a reader sees as the same. Folding changes lengths ("ß" becomes "ss"), so a match is measured in
 * letters of the original.
 */

import { marked } from "./marks.js";

/** A word may have apostrophes inside it. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:['’‘`][\p{L}\p{N}\p{M}]+)*/gu;
/** Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, apostrophes; no vowel signs: those are letters. */
const UNHEARD = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0640'’‘`]/g;
/** Scripts that write no spaces: a word of the query may begin anywhere in them. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** Letters that Unicode does not take apart into a plain letter and an accent. */
const PLAIN = new Map(
  Object.entries({ ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", ı: "i", þ: "th", ħ: "h" }),
);

/**
 * Returns the text in lower case, without accents; a Korean syllable is spelt out, as it is typed.
 * @param {string} text
 */
export function fold(text) {
  const bare = text.normalize("NFKD").toLowerCase().replace(UNHEARD, "");
  return [...bare].map((letter) => PLAIN.get(letter) ?? letter).join("");
}

/**
 * Returns the text with its matches inside `<mark>`.
 * @param {string} text
 * @param {string} query
 */
export function highlighted(text, query) {
  return marked(text, matches(text, query));
}

/**
 * Returns where words of the text begin with a word of the query.
 * @param {string} text
 * @param {string} query
 * @returns {import("./marks.js").Range[]}
 */
function matches(text, query) {
  const wanted = (query.match(WORD) ?? []).map(fold).sort((a, b) => b.length - a.length);
  return [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const found = wanted.map((part) => within(word, part)).find((range) => range !== null);
    return found ? [/** @type {[number, number]} */ ([index + found[0], index + found[1]])] : [];
  });
}

/**
 * Returns where a word has a folded part: at its beginning, in unspaced scripts anywhere; null where it has not.
 * @param {string} word
 * @param {string} part
 * @returns {[number, number] | null}
 */
function within(word, part) {
  const at = fold(word).indexOf(part);
  if (at < 0 || (at > 0 && !UNSPACED.test(part))) return null;
  return [lettersFor(word, at), lettersFor(word, at + part.length)];
}

/**
 * Returns how much of a word folds to that many characters or more, its accents included.
 * @param {string} word
 * @param {number} foldedLength
 */
function lettersFor(word, foldedLength) {
  let length = 0;
  let folded = 0;
  for (const letter of word) {
    const width = fold(letter).length;
    if (folded >= foldedLength && width > 0) break;
    folded += width;
    length += letter.length;
  }
  return length;
}
