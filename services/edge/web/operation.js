/**
 * Draws one operation of the API: what it is for on one side, how to call it on the other.
 */

import { h } from "./dom.js";
import { printed } from "./json.js";
import { inline, prose } from "./prose.js";
import { boundsInWords, fields, sample, typeInWords } from "./schema.js";
import { Trial } from "./trial.js";

/** @typedef {import("./openapi.js").Document} Document */
/** @typedef {import("./openapi.js").Operation} Operation */
/** @typedef {import("./openapi.js").Answer} Answer */
/** @typedef {import("./openapi.js").Schema} Schema */

/** How deep fields of fields are listed. */
const DEEPEST = 4;

/**
 * Returns the section of an operation.
 * @param {Document} document
 * @param {Operation} operation
 */
export function operationSection(document, operation) {
  const trial = new Trial(operation);
  const main = operation.answers.find(({ status }) => status.startsWith("2"));
  return h(
    "section",
    { class: "operation", id: operation.id, "aria-labelledby": `${operation.id}-title` },
    h(
      "div",
      { class: "operation__text" },
      h(
        "h3",
        { id: `${operation.id}-title` },
        operation.summary || operation.path,
        operation.deprecated && h("span", { class: "operation__old" }, "deprecated"),
      ),
      h(
        "p",
        { class: "operation__address" },
        h("span", { class: "method" }, operation.method),
        " ",
        h("code", {}, operation.path),
      ),
      ...prose(operation.description),
      operation.parameters.length > 0 && parameters(document, operation, trial),
      operation.body?.schema && h("div", {}, h("h4", {}, "Body"), fieldList(document, operation.body.schema)),
      h("h4", {}, "Answers"),
      h(
        "ul",
        { class: "answers" },
        operation.answers.map((answer) => answerItem(document, answer)),
      ),
    ),
    h("div", { class: "operation__call" }, trial.request, trial.answer, main && exampleAnswer(document, main)),
  );
}

/** @param {Document} document @param {Operation} operation @param {Trial} trial */
function parameters(document, operation, trial) {
  const rows = operation.parameters.map((parameter) => {
    const words = [
      typeInWords(document, parameter.schema),
      ...boundsInWords(document, parameter.schema),
      parameter.in === "query" ? "" : `in ${parameter.in}`,
    ];
    return h(
      "div",
      { class: "parameter" },
      h(
        "dt",
        {},
        h("code", {}, parameter.name),
        parameter.required && h("span", { class: "parameter__required" }, "required"),
      ),
      h(
        "dd",
        {},
        h("p", { class: "parameter__type" }, words.filter(Boolean).join(" · ")),
        ...prose(parameter.description),
        trial.field(parameter),
      ),
    );
  });
  return h("div", {}, h("h4", {}, "Parameters"), h("dl", { class: "parameters" }, rows));
}

/** @param {Document} document @param {Answer} answer */
function answerItem(document, { status, description, media }) {
  const known = media?.schema ? fields(document, media.schema) : [];
  const heading = [
    h("span", { class: "answers__status" }, status),
    " ",
    ...inline(description),
    media && h("span", { class: "answers__type" }, media.type),
  ];
  return h(
    "li",
    {},
    known.length && media?.schema
      ? h("details", {}, h("summary", {}, ...heading), fieldList(document, media.schema))
      : h("p", {}, ...heading),
  );
}

/** @param {Document} document @param {Schema} schema @param {number} [depth] @returns {HTMLElement} */
function fieldList(document, schema, depth = 1) {
  const rows = fields(document, schema).map(({ name, schema: field }) => {
    const resolved = document.flatten(field);
    const nested = depth < DEEPEST && fields(document, field).length > 0;
    return h(
      "div",
      { class: "field" },
      h(
        "dt",
        {},
        h("code", {}, name),
        h(
          "span",
          { class: "field__type" },
          [typeInWords(document, field), ...boundsInWords(document, field)].join(" · "),
        ),
      ),
      h("dd", {}, ...prose(resolved.description ?? ""), nested && fieldList(document, field, depth + 1)),
    );
  });
  return h("dl", { class: "fields" }, rows);
}

/** @param {Document} document @param {Answer} answer */
function exampleAnswer(document, { status, media }) {
  if (!media) return null;
  const value = media.example ?? sample(document, media.schema ?? {});
  return h(
    "figure",
    { class: "code" },
    h("figcaption", {}, `Example answer, ${status}`),
    h("pre", { tabindex: "0", "aria-label": "Example answer" }, ...printed(value)),
  );
}
