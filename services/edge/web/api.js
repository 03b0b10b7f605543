/**
 * Asks the edge. Whatever goes wrong becomes a Trouble that says what kind it is, so that views decide by kind and
 * never by a browser's wording.
 */

import { identityHeaders } from "./identity.js";
import { segment } from "./paths.js";

/** @typedef {import("./paths.js").Kind} Kind */
/** @typedef {{id: string, name: string}} ArtistName */
/** @typedef {{id: string, title: string}} AlbumTitle */
/** Parts of a text, counted in code points. @typedef {[number, number][]} Ranges */
/** Why a result is there, and where it has what was looked for. @typedef {{source: string, title: Ranges, credit: Ranges}} Match */
/** What was searched for instead of what was typed. @typedef {{query: string, changed: Ranges}} Correction */
/**
 * One result: all that a row shows. Artists have no credit and no year; only tracks have album, duration, explicit; only
 * what was searched for has a match.
 * @typedef {{kind: Kind, id: string, title: string, artists: ArtistName[], popularity: number, credit?: string,
 *   album?: AlbumTitle | null, duration_ms?: number | null, release_year?: number | null, explicit?: boolean,
 *   match?: Match}} Result
 */
/**
 * @typedef {{query: string, correction: Correction | null, results: Result[], next_cursor: string | null,
 *   index_generation: string, index_delta: string | null, ranker: string, sources: string[], degraded: string[],
 *   took_ms: number}} SearchAnswer
 */
/** @typedef {{text: string, kind: Kind}} Suggestion */
/** @typedef {{tracks: Result[], next_cursor: string | null}} TrackPage */
/**
 * One item in full: what its page shows. An artist has a name, the others a title.
 * @typedef {{kind: Kind, id: string, title?: string, name?: string, aliases: string[], popularity: number,
 *   artists?: ArtistName[], credit?: string, albums?: (AlbumTitle & {position: number | null})[], isrc?: string | null,
 *   duration_ms?: number | null, release_year?: number | null, explicit?: boolean, markets?: string[]}} Item
 */

/**
 * What a type of client gets unless it asks for something else: the documentation says what each part means.
 * @typedef {{layout: string, results: number, tracks: number, suggestions: number, examples: number, explicit: boolean,
 *   artwork_px: number}} View
 */

const PATIENCE_MS = 15_000;
const FOLDERS = { track: "tracks", album: "albums", artist: "artists" };

/** A question that was not answered. */
export class Trouble extends Error {
  /**
   * @param {"network" | "timeout" | "problem" | "garbled"} kind no connection, no answer in time, an error that the
   *   service described, or an answer that is not what it should be
   * @param {{status?: number, detail?: string, field?: string, requestId?: string, retryAfterS?: number | null}} [facts]
   */
  constructor(kind, facts = {}) {
    super(facts.detail ?? kind);
    this.kind = kind;
    this.status = facts.status ?? 0;
    this.detail = facts.detail ?? "";
    this.field = facts.field ?? "";
    this.requestId = facts.requestId ?? "";
    this.retryAfterS = facts.retryAfterS ?? null;
  }
}

/**
 * Asks what the edge makes of this client.
 * @param {AbortSignal} signal
 * @returns {Promise<{client_type: string, view: View}>}
 */
export function context(signal) {
  return getJson("/v1/me/context", signal);
}

/**
 * Searches.
 * @param {{query: string, kind: Kind | null, hideExplicit: boolean, limit: number, cursor?: string | null}} wanted
 * @param {AbortSignal} signal
 * @returns {Promise<SearchAnswer>}
 */
export function search({ query, kind, hideExplicit, limit, cursor }, signal) {
  const explicit = String(!hideExplicit);
  const parameters = { q: query, kinds: kind, explicit, cursor, limit: String(limit), matches: "true" };
  return getJson(`/v1/search?${encoded(parameters)}`, signal);
}

/**
 * Completes what has been typed.
 * @param {string} query
 * @param {number} limit
 * @param {AbortSignal} signal
 * @returns {Promise<{query: string, suggestions: Suggestion[]}>}
 */
export function suggest(query, limit, signal) {
  return getJson(`/v1/suggest?${encoded({ q: query, limit: String(limit) })}`, signal);
}

/**
 * Fetches one item.
 * @param {Kind} kind
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Item>}
 */
export function item(kind, id, signal) {
  return getJson(`/v1/${FOLDERS[kind]}/${segment(id)}`, signal);
}

/**
 * Fetches a page of an album's or an artist's tracks.
 * @param {"album" | "artist"} kind
 * @param {string} id
 * @param {number} limit
 * @param {string | null} cursor
 * @param {AbortSignal} signal
 * @returns {Promise<TrackPage>}
 */
export function tracksOf(kind, id, limit, cursor, signal) {
  const parameters = { limit: String(limit), cursor };
  return getJson(`/v1/${FOLDERS[kind]}/${segment(id)}/tracks?${encoded(parameters)}`, signal);
}

/**
 * Fetches JSON. Rejects with a Trouble, or with the signal's reason once the caller has given up.
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function getJson(path, signal) {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(path, {
      signal: AbortSignal.any([signal, timeout]),
      headers: { accept: "application/json", ...identityHeaders() },
    });
    const body = await response.json().catch((error) => {
      if (error instanceof SyntaxError) return null;
      throw error;
    });
    signal.throwIfAborted();
    if (!response.ok) throw problem(response, body);
    if (body === null) throw new Trouble("garbled", { requestId: requestId(response) });
    return body;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Trouble) throw error;
    throw new Trouble(timeout.aborted ? "timeout" : "network");
  }
}

/**
 * @param {Response} response
 * @param {any} body the problem document, or null where the answer was none
 */
function problem(response, body) {
  return new Trouble("problem", {
    status: response.status,
    detail: body?.detail,
    field: body?.field,
    requestId: body?.request_id ?? requestId(response),
    retryAfterS: retryAfterS(response.headers.get("retry-after")),
  });
}

/** @param {Response} response */
function requestId(response) {
  return response.headers.get("x-request-id") ?? "";
}

/**
 * Returns the seconds a Retry-After header asks for, which may be a number or a date; null where it says nothing.
 * @param {string | null} header
 */
function retryAfterS(header) {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** @param {Record<string, string | null | undefined>} parameters */
function encoded(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  return new URLSearchParams(/** @type {[string, string][]} */ (given));
}
