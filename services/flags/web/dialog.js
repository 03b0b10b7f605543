/**
 * Dialogs, and what their forms are made of; the one that asks for the admin token alone.
 */

import { focusAgain, h } from "./dom.js";
import { session } from "./session.js";

const TOKEN_IS_IN = "It is in .backline/admin-token where Backline was started, or in the folder that BACKLINE_HOME names.";

/** Asks for the admin token alone; resolves once it is given, or with false where it is not. */
export function askToken() {
  const field = tokenField();
  const dialog = h("dialog", { class: "order", "aria-labelledby": "order-title" });
  const keepToken = (/** @type {string} */ token) => {
    session.token = token;
    dialog.close();
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    keepToken(field.input.value);
  };
  const forget = h("button", { type: "button", class: "button button--quiet", onclick: () => keepToken("") }, "Forget");
  const keep = h("button", { class: "button" }, "Keep");
  const form = h(
    "form",
    { onsubmit: submit },
    h("h2", { id: "order-title" }, "Admin token"),
    h("p", { class: "quiet" }, "Kept for this tab, and forgotten with it."),
    field.element,
    h("div", { class: "order__buttons" }, session.token && forget, cancelButton(dialog), keep),
  );
  dialog.append(form);
  return shown(dialog).then(() => session.token !== "");
}

/** Opens a dialog, and takes it out of the page once it is closed. @param {HTMLDialogElement} dialog @param {HTMLElement} [first] */
export function shown(dialog, first) {
  const opener = /** @type {HTMLElement} */ (document.activeElement);
  document.body.append(dialog);
  dialog.showModal();
  first?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      focusAgain(opener);
      resolve(undefined);
    });
  });
}

/** Returns the button that closes a dialog and does nothing else. @param {HTMLDialogElement} dialog */
export function cancelButton(dialog) {
  return h("button", { type: "button", class: "button button--quiet", onclick: () => dialog.close() }, "Cancel");
}

/** Returns the field for the admin token, and its input. */
export function tokenField() {
  const input = h("input", {
    type: "password",
    required: true,
    maxlength: 512,
    pattern: "[!-~]+",
    title: "letters, digits and signs without spaces",
    autocomplete: "off",
  });
  return { element: field("Admin token", input, TOKEN_IS_IN), input };
}

/**
 * Returns a control with its name, and a note where there is one.
 * @param {string} name
 * @param {HTMLElement} control
 * @param {string} [note]
 */
export function field(name, control, note) {
  return h(
    "label",
    { class: "field" },
    h("span", { class: "field__name" }, name),
    control,
    note && h("span", { class: "field__note" }, note),
  );
}
