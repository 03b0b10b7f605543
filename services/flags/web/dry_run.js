/**
 * What a flag would do if it were another: whom of the recent contexts it would reach.
 */

import { askingForm } from "./asking.js";
import { field } from "./dialog.js";
import { h } from "./dom.js";
import { count, number, share, span } from "./words.js";

/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./api.js").Trial} Trial */

/**
 * Returns the section that tries out a rule in one line, or a whole definition.
 * @param {Flag} flag
 * @param {() => string} definition returns the one in force
 */
export function dryRunSection(flag, definition) {
  return h(
    "section",
    { "aria-labelledby": "dry-run" },
    h("h2", { id: "dry-run" }, "Dry run"),
    h("p", { class: "quiet" }, "Whom of the people who came lately a change would reach. Nothing is written."),
    lineForm(flag),
    definitionForm(flag, definition),
  );
}

/** @param {Flag} flag */
function lineForm(flag) {
  const names = flag.variants.map(({ name }) => name);
  const others = names.filter((name) => name !== flag.default); // what a rule is mostly for
  const variant = h("select", {}, ...options([...new Set([...others, ...names])]));
  const otherwise = h("select", {}, h("option", { value: "" }, "the default"), ...options(names));
  const percent = h("input", { inputmode: "decimal", maxlength: 10, placeholder: "all", autocomplete: "off" });
  const mode = h(
    "select",
    {},
    h("option", { value: "replace" }, "replaced"),
    h("option", { value: "add", selected: flag.branches > 1 }, "kept for others"),
  );
  const when = h("input", {
    maxlength: 2000,
    placeholder: "client_type=car and app_version>=8.9",
    autocomplete: "off",
    spellcheck: "false",
  });
  return askingForm({
    path: "dry-run",
    verb: "Try the rule",
    controls: [
      field("When", when, "Empty for everyone."),
      h(
        "div",
        { class: "fields" },
        ...[field("Variant", variant), field("Percent", percent), field("Otherwise", otherwise)],
        field("Present rule", mode),
      ),
    ],
    body: () => ({
      key: flag.key,
      target: {
        when: when.value,
        variant: variant.value,
        percent: percent.value,
        otherwise: otherwise.value,
        mode: mode.value,
      },
    }),
    shown: trial,
  });
}

/** @param {Flag} flag @param {() => string} definition */
function definitionForm(flag, definition) {
  const text = h("textarea", { rows: 14, maxlength: 60_000, required: true, spellcheck: "false", class: "code" });
  const fill = () => {
    if (!text.value) text.value = definition();
  };
  const form = askingForm({
    path: "dry-run",
    verb: "Try the definition",
    controls: [field("Definition", text, "JSON in flagd's format.")],
    body: () => ({ key: flag.key, definition: text.value }),
    shown: trial,
  });
  return h("details", { class: "more", ontoggle: fill }, h("summary", {}, "Try a whole definition"), form);
}

/** @param {string[]} names */
function options(names) {
  return names.map((name) => h("option", { value: name }, name));
}

/** @param {Trial} trial */
function trial({ rule, contexts, within_s, reached, changed, invalid, warnings, definition }) {
  const seen = `${count(contexts, "context")} of the last ${span(within_s)}`;
  const unread = Object.entries(invalid).map(
    ([attribute, many]) => `${attribute} could not be used in ${count(many, "context")}.`,
  );
  return h(
    "div",
    { class: "trial" },
    h("p", { class: "flag__rule" }, rule),
    contexts > 0 && h("p", {}, `Of ${seen}, ${changed ? number(changed) : "none"} would get something else than now.`),
    contexts === 0 && h("p", {}, "Nobody came lately, so it cannot be said whom this would reach."),
    contexts > 0 && shares(reached, contexts),
    ...[...warnings, ...unread].map((warning) => h("p", { class: "warning" }, warning)),
    h("details", { class: "more" }, h("summary", {}, "As JSON"), h("pre", { class: "definition", tabindex: 0 }, definition)),
  );
}

/** @param {Trial["reached"]} reached @param {number} contexts */
function shares(reached, contexts) {
  const rows = reached.map((part) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, part.variant || "each caller's own default"),
      h("td", {}, h("meter", { min: 0, max: contexts, value: part.contexts, "aria-hidden": "true" })),
      h("td", { class: "amount" }, share(part.contexts, contexts)),
      h("td", { class: "amount quiet" }, number(part.contexts)),
    ),
  );
  return h("table", { class: "shares" }, h("caption", { class: "unseen" }, "Shares"), h("tbody", {}, ...rows));
}
