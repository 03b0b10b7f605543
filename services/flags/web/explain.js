/**
 * How a flag is evaluated for somebody, step by step.
 */

import { askingForm } from "./asking.js";
import { field } from "./dialog.js";
import { h } from "./dom.js";

/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./api.js").Explanation} Explanation */

/** Returns the section that explains the flag. @param {Flag} flag */
export function explainSection(flag) {
  const context = h("textarea", {
    rows: 4,
    maxlength: 8_000,
    spellcheck: "false",
    class: "code",
    placeholder: "client_type=car\napp_version=8.9.30\ntargetingKey=somebody",
  });
  return h(
    "section",
    { "aria-labelledby": "explain" },
    h("h2", { id: "explain" }, "Explain"),
    askingForm({
      path: "explain",
      verb: "Explain",
      controls: [field("Context", context, "A line for each attribute, or one JSON object.")],
      body: () => ({ key: flag.key, ...asked(context.value) }),
      shown: explanation,
    }),
  );
}

/** Returns what was typed: a JSON object as it is, or lines as pairs. @param {string} text */
function asked(text) {
  if (text.trim().startsWith("{")) return { context: text };
  const pairs = text.split("\n").filter((line) => line.trim());
  return { as: Object.fromEntries(pairs.map(pair)) };
}

/** @param {string} line */
function pair(line) {
  const [name, ...value] = line.split("=");
  return [name.trim(), value.join("=").trim()];
}

/** @param {Explanation} explanation */
function explanation({ lines: [decided, ...steps] }) {
  return h(
    "div",
    { class: "trial" },
    h("p", { class: "outcome" }, decided),
    steps.length > 0 && h("pre", { class: "steps", tabindex: 0, "aria-label": "Steps" }, steps.join("\n")),
  );
}
