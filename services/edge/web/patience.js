/**
 * Waits for an answer the way a calm person does: shows nothing for a moment, then a placeholder, then says that it
 * takes long, and asks again by itself where asking again can help.
 */

import { Trouble } from "./api.js";

const PLACEHOLDER_AFTER_MS = 250;
const SLOW_AFTER_MS = 2_000;
const LONGEST_WAIT_S = 30;
/** Statuses that mean "not now". */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * What a view shows while it waits.
 * @typedef {object} Stages
 * @property {() => void} onPlaceholder no answer for a moment
 * @property {() => void} onSlow no answer for longer than usual
 * @property {(trouble: Trouble, waitS: number) => void} onWait it failed and will be asked again in so many seconds
 */

/**
 * Asks until there is an answer. Rejects with a Trouble that asking again will not cure, or when the signal gives up.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {AbortSignal} signal
 * @param {Stages} stages
 * @returns {Promise<T>}
 */
export async function patiently(ask, signal, stages) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await timed(ask, signal, stages);
    } catch (error) {
      const waitS = signal.aborted ? null : waitFor(error, attempt);
      if (waitS === null) throw error;
      stages.onWait(/** @type {Trouble} */ (error), waitS);
      await pause(waitS, signal, /** @type {Trouble} */ (error).kind === "network");
    }
  }
}

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {AbortSignal} signal
 * @param {Stages} stages
 */
async function timed(ask, signal, stages) {
  const timers = [setTimeout(stages.onPlaceholder, PLACEHOLDER_AFTER_MS), setTimeout(stages.onSlow, SLOW_AFTER_MS)];
  const stop = () => timers.forEach(clearTimeout);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await ask(signal);
  } finally {
    stop();
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Returns how many seconds to wait before asking again: what the service asked for, else a doubling time with some
 * chance in it, so that many pages do not come back at once; null where asking again cannot help.
 * @param {unknown} error
 * @param {number} attempt
 */
function waitFor(error, attempt) {
  if (!(error instanceof Trouble)) return null;
  if (error.kind === "garbled" || (error.kind === "problem" && !PASSING.has(error.status))) return null;
  return error.retryAfterS ?? Math.min(LONGEST_WAIT_S, 2 ** attempt) * (0.75 + Math.random() / 2);
}

/**
 * Waits; a lost connection that comes back ends the wait at once.
 * @param {number} waitS
 * @param {AbortSignal} signal
 * @param {boolean} untilOnline
 * @returns {Promise<void>}
 */
function pause(waitS, signal, untilOnline) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const settle = (/** @type {() => void} */ end) => {
      over.abort();
      clearTimeout(timer);
      end();
    };
    const timer = setTimeout(() => settle(resolve), waitS * 1000);
    signal.addEventListener("abort", () => settle(() => reject(signal.reason)), { signal: over.signal });
    if (untilOnline) addEventListener("online", () => settle(resolve), { signal: over.signal });
  });
}
