/**
 * Who uses the flags, and whether each has applied a generation.
 */

import { h } from "./dom.js";
import { count, number, span } from "./words.js";

/** @typedef {import("./api.js").State} State */
/** @typedef {import("./api.js").Subscriber} Subscriber */

const SILENT_S = 15;
const UNKNOWN = "Who has it cannot be said: some have generations that were never written here.";
const UNSETTLED = "The service has just started and waits for who was connected before.";

/** Our processes, those that have not applied the generation first, and the streams that never say. */
export class Roster {
  #sum;
  #processes = h("ul");
  #streams = h("summary");
  #foreign = h("ul");
  #others = h("details", { class: "more", hidden: true }, this.#streams, this.#foreign);

  /** @param {boolean} [spoken] whether a change is read out */
  constructor(spoken = false) {
    this.#sum = h("p", { class: "roster__sum", role: spoken && "status" });
    this.element = h("div", { class: "roster" }, this.#sum, this.#processes, this.#others);
  }

  /** Shows who has it now, and returns whether nobody is missing. @param {State} state @param {number} generation */
  update({ processes, foreign, refuses, settled }, generation) {
    const has = (/** @type {Subscriber} */ each) => !refuses && each.applied >= generation;
    const waiting = processes.filter((each) => !has(each));
    const applied = processes.filter(has);
    const sum = refuses ? UNKNOWN : summary(applied.length, processes.length, settled);
    if (this.#sum.textContent !== sum) this.#sum.textContent = sum;
    this.#processes.replaceChildren(...waiting.map((each) => item(each, false)), ...applied.map((each) => item(each, true)));
    this.#others.hidden = foreign.length === 0;
    this.#streams.textContent = `${count(foreign.length, "flagd client")}, which never say`;
    this.#foreign.replaceChildren(...foreign.map((each) => h("li", { class: "subscriber" }, each.process)));
    return !refuses && settled && waiting.length === 0;
  }
}

/** Says that all have only once nobody is missing. @param {number} applied @param {number} all @param {boolean} settled */
function summary(applied, all, settled) {
  if (applied === all && !settled) return all ? `${number(all)} ${have(all)} applied it so far. ${UNSETTLED}` : UNSETTLED;
  if (!all) return "No process is subscribed.";
  if (applied === all) return all === 1 ? "The one process has applied it." : `All ${all} processes have applied it.`;
  return `${applied} of ${count(all, "process", "processes")} ${have(applied)} applied it.`;
}

/** @param {number} amount */
function have(amount) {
  return amount === 1 ? "has" : "have";
}

/** @param {Subscriber} subscriber @param {boolean} has */
function item({ process, service, applied, refused, connected, silent_s }, has) {
  const facts = [
    !has && (applied ? `has ${applied}` : "has none yet"),
    !connected && `gone for ${span(silent_s)}`,
    connected && silent_s > SILENT_S && `silent for ${span(silent_s)}`,
    refused && `refused: ${refused}`,
  ].filter(Boolean);
  return h(
    "li",
    { class: has ? "subscriber subscriber--has" : "subscriber" },
    h("span", { class: has ? "lamp lamp--lit" : "lamp" }, h("span", { class: "unseen" }, has ? "has it:" : "waiting:")),
    h("span", {}, process),
    service !== process && h("span", { class: "quiet" }, service),
    facts.length > 0 && h("span", { class: "subscriber__facts" }, facts.join(", ")),
  );
}
