/**
 * Tries an operation out: fields for its parameters, the command that asks the same, and the real answer.
 *
 * Only GET is sent from here. What would change something is shown as a command, to be run on purpose.
 */

import { segment } from "./paths.js";
import { h } from "./dom.js";
import { printed } from "./json.js";

/** @typedef {import("./openapi.js").Operation} Operation */
/** @typedef {import("./openapi.js").Parameter} Parameter */

export class Trial {
  #values = /** @type {Map<Parameter, HTMLInputElement>} */ (new Map());
  #command = h("pre", { class: "code__command", tabindex: "0", "aria-label": "Command" });
  #form;

  /** @param {Operation} operation */
  constructor(operation) {
    this.operation = operation;
    this.#form = h("form", { id: `try-${operation.id}`, onsubmit: (/** @type {Event} */ event) => this.#send(event) });
    const send =
      operation.method === "GET" &&
      h("button", { type: "submit", class: "button", "aria-label": `Try it: ${operation.summary}` }, "Try it");
    this.#form.append(...(send ? [send] : []));
    this.request = h("figure", { class: "code" }, h("figcaption", {}, "Request", this.#form), this.#command);
    this.answer = h("div", { class: "trial__answer", role: "status" });
    this.#retype();
  }

  /**
   * Returns the field to give a parameter a value in: its example, unless that is what happens without it.
   * @param {Parameter} parameter
   */
  field(parameter) {
    const { example, fallback } = parameter;
    const input = h("input", {
      class: "parameter__value",
      form: this.#form.id,
      "aria-label": `Value of ${parameter.name}`,
      placeholder: "not sent",
      required: parameter.required,
      value: example === undefined || String(example) === String(fallback) ? null : String(example),
      oninput: () => this.#retype(),
    });
    this.#values.set(parameter, input);
    this.#retype();
    return input;
  }

  /** The address with the values that have been given. */
  #path() {
    const query = new URLSearchParams();
    let path = this.operation.path;
    for (const [parameter, { value }] of this.#values) {
      if (value === "") continue;
      if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, segment(value));
      else if (parameter.in === "query") query.append(parameter.name, value);
    }
    return query.size ? `${path}?${String(query).replaceAll("%2C", ",")}` : path;
  }

  /** The headers with the values that have been given. @returns {Record<string, string>} */
  #headers() {
    const given = [...this.#values].filter(([parameter, { value }]) => parameter.in === "header" && value !== "");
    return Object.fromEntries(given.map(([{ name }, { value }]) => [name, value]));
  }

  #retype() {
    const method = this.operation.method === "GET" ? [] : [`-X ${this.operation.method}`];
    const headers = Object.entries(this.#headers()).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
    this.#command.textContent = ["curl", ...method, ...headers, quoted(location.origin + this.#path())].join(" ");
  }

  /** @param {Event} event */
  async #send(event) {
    event.preventDefault();
    const started = performance.now();
    try {
      const response = await fetch(this.#path(), { headers: this.#headers() });
      const text = await response.text();
      const facts = [
        `${response.status} ${response.statusText}`.trim(),
        `${Math.round(performance.now() - started)} ms`,
        response.headers.get("x-request-id") ?? "",
      ];
      this.#show(facts.filter(Boolean).join(" · "), pretty(text));
    } catch {
      this.#show("No answer", ["The service cannot be reached."]);
    }
  }

  /** @param {string} caption @param {(Node | string)[]} content */
  #show(caption, content) {
    this.answer.replaceChildren(
      h(
        "figure",
        { class: "code code--live" },
        h("figcaption", {}, caption),
        h("pre", { tabindex: "0", "aria-label": "Answer" }, ...content),
      ),
    );
  }
}

/** Returns the text as a shell takes it. @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {string} text */
function pretty(text) {
  try {
    return printed(JSON.parse(text));
  } catch {
    return [text];
  }
}
