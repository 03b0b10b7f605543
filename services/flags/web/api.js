/**
 * Asks the flags service. Whatever goes wrong becomes a Trouble, so that views decide by its status and never by a
 * browser's wording.
 */

import { session } from "./session.js";

/**
 * A process of ours, or a stream of somebody else's.
 * @typedef {{process: string, service: string, applied: number, refused: string, connected: boolean,
 *   silent_s: number}} Subscriber
 */
/**
 * What is in force, and who has it; who was connected before the server started may be missing until it has settled.
 * @typedef {{generation: number, committed_at: string | null, now: string, refuses: string, settled: boolean,
 *   processes: Subscriber[], foreign: Subscriber[]}} State
 */
/**
 * One entry of the journal, and whether it made the flag.
 * @typedef {{generation: number, at: string, actor: string, action: string, made: boolean, key: string,
 *   reason: string}} Change
 */
/**
 * One flag, or one rule that flags share: that has no variants and no state.
 * @typedef {{key: string, enabled: boolean, shared: boolean, rule: string, branches: number, description: string,
 *   owner: string, expires: string, variants: {name: string, value: string}[], default: string | null, version: number,
 *   changed_at: string, last: Change | null}} Flag
 */
/** All that is known of one flag; its definition is JSON. @typedef {{definition: string, changes: Change[]}} Detail */
/**
 * What a definition would do to recent contexts.
 * @typedef {{contexts: number, within_s: number, reached: {variant: string, contexts: number}[], changed: number,
 *   invalid: Record<string, number>, warnings: string[], rule: string, definition: string}} Trial
 */
/** How a flag was evaluated: what was decided, then the steps. @typedef {{lines: string[]}} Explanation */

const BASE = "/flags/api/";
const PATIENCE_MS = 10_000;
const SILENCE = "The flags service cannot be reached.";

/** What was not answered, in a sentence; status 0 where nothing came back. */
export class Trouble extends Error {
  /** @param {string} sentence @param {number} [status] @param {string} [field] */
  constructor(sentence, status = 0, field = "") {
    super(sentence);
    this.status = status;
    this.field = field;
  }
}

/**
 * Reads something.
 * @param {string} path below /flags/api/
 * @param {Record<string, string>} [parameters]
 * @returns {Promise<any>}
 */
export function get(path, parameters = {}) {
  const query = new URLSearchParams(parameters);
  return asked(query.size ? `${path}?${query}` : path, {});
}

/**
 * Orders or tries something with the admin token, which is forgotten where it is the wrong one.
 * @param {string} path below /flags/api/
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${session.token}` };
  try {
    return await asked(path, { method: "POST", headers, body: JSON.stringify(body) });
  } catch (error) {
    if (error instanceof Trouble && error.status === 403) session.token = "";
    throw error;
  }
}

/** @param {string} path @param {RequestInit} options */
async function asked(path, options) {
  const response = await fetch(BASE + path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => {
    throw new Trouble(SILENCE);
  });
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  throw new Trouble(body?.detail || `The flags service answered ${response.status}.`, response.status, body?.field);
}
