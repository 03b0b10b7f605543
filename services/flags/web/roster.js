/**
 * Who uses the flags, and whether each has applied a generation.
 */

import { h } from "./dom.js";
import { count, span } from "./words.js";

/** @typedef {import("./api.js").State} State */
/** @typedef {import("./api.js").Subscriber} Subscriber */

const SILENT_S = 15;

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

  /** Shows who has it now. @param {State} state @param {number} generation */
  update({ processes, foreign }, generation) {
    const waiting = processes.filter((each) => each.applied < generation);
    const applied = processes.filter((each) => each.applied >= generation);
    const sum = summary(applied.length, processes.length);
    if (this.#sum.textContent !== sum) this.#sum.textContent = sum;
    this.#processes.replaceChildren(...[...waiting, ...applied].map((each) => item(each, generation)));
    this.#others.hidden = foreign.length === 0;
    this.#streams.textContent = `${count(foreign.length, "flagd client")}, which never say`;
    this.#foreign.replaceChildren(...foreign.map((each) => h("li", { class: "subscriber" }, each.process)));
  }
}

/** @param {number} applied @param {number} all */
function summary(applied, all) {
  if (!all) return "No process is subscribed.";
  if (applied === all) return all === 1 ? "The one process has." : `All ${all} processes have.`;
  return `${applied} of ${count(all, "process", "processes")} ${applied === 1 ? "has" : "have"}.`;
}

/** @param {Subscriber} subscriber @param {number} generation */
function item({ process, service, applied, refused, connected, silent_s }, generation) {
  const has = applied >= generation;
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
