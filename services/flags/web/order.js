/**
 * Orders that change something: what each does, who and why, and then who has applied it, process by process.
 */

import { Trouble, post } from "./api.js";
import { cancelButton, field, shown, tokenField } from "./dialog.js";
import { h } from "./dom.js";
import { Roster } from "./roster.js";
import { session } from "./session.js";

/** @typedef {import("./api.js").Flag} Flag */
/** @typedef {import("./live.js").Live} Live */
/** What can be ordered, and how it is said. @typedef {{path: string, verb: string, says: string, done: string}} Kind */

const TOLD = ["news", "gone"];

/** @type {Kind} */
const KILL = {
  path: "kill",
  verb: "Kill",
  says: "Every caller falls back to its own default at once, whatever the rule says.",
  done: "kills",
};
/** @type {Kind} */
const RESTORE = {
  path: "restore",
  verb: "Restore",
  says: "The rule decides again, for everyone.",
  done: "restores",
};

/**
 * Returns the button that kills a flag, or restores it; nothing for a shared rule, which has no state.
 * @param {Live} live
 * @param {Flag} flag
 */
export function orderButton(live, flag) {
  if (flag.shared) return null;
  const kind = flag.enabled ? KILL : RESTORE;
  return h(
    "button",
    {
      type: "button",
      id: `order-${flag.key}`,
      class: flag.enabled ? "button button--kill" : "button button--quiet",
      "aria-label": `${kind.verb} ${flag.key}`,
      onclick: () => new Order(live, flag, kind),
    },
    kind.verb,
  );
}

/** One order in a dialog of its own, from the question to the last acknowledgement. */
class Order {
  #dialog = h("dialog", { class: "order", "aria-labelledby": "order-title" });
  #trouble = h("p", { class: "trouble", role: "alert" });
  #token = tokenField();
  #actor = h("input", { required: true, maxlength: 64, autocomplete: "off", value: session.actor });
  #reason = h("textarea", { required: true, maxlength: 500, rows: 3 });
  #send;

  /** @param {Live} live @param {Flag} flag @param {Kind} kind */
  constructor(live, flag, kind) {
    this.live = live;
    this.flag = flag;
    this.kind = kind;
    this.#send = h("button", { class: kind === KILL ? "button button--kill" : "button" }, kind.verb);
    const form = h(
      "form",
      { onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      h("h2", { id: "order-title" }, `${kind.verb} ${flag.key}`),
      h("p", {}, kind.says),
      field("Reason", this.#reason),
      field("Your name", this.#actor),
      this.#token.element,
      this.#trouble,
      h("div", { class: "order__buttons" }, cancelButton(this.#dialog), this.#send),
    );
    this.#token.element.hidden = session.token !== "";
    this.#token.input.required = session.token === "";
    this.#dialog.append(form);
    shown(this.#dialog, this.#reason);
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (this.#token.input.value) session.token = this.#token.input.value;
    session.actor = this.#actor.value.trim();
    this.#send.disabled = true;
    this.#trouble.textContent = "";
    try {
      this.#follow(await this.#order());
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.#refused(error);
    } finally {
      this.#send.disabled = false;
    }
  }

  #order() {
    const { key, version } = this.flag;
    const seen = this.kind === RESTORE ? { version } : {}; // an emergency takes whichever version there is
    return post(this.kind.path, { key, ...seen, actor: this.#actor.value, reason: this.#reason.value });
  }

  /** @param {Trouble} trouble */
  #refused(trouble) {
    this.#trouble.textContent = trouble.message;
    if (session.token) return;
    this.#token.element.hidden = false;
    this.#token.input.required = true;
    this.#token.input.select();
  }

  /** Shows who has applied what was ordered, until the dialog is closed. @param {{generation: number}} ordered */
  #follow({ generation }) {
    const roster = new Roster(true);
    const stands = h("p", { class: "quiet" }, "It stands even if you close this; who is missing applies it once they can.");
    const close = h("button", { type: "button", class: "button", onclick: () => this.#dialog.close() }, "Close");
    const update = () => {
      if (this.#trouble.textContent !== this.live.trouble) this.#trouble.textContent = this.live.trouble;
      if (this.live.state) stands.hidden = roster.update(this.live.state, generation);
    };
    this.#dialog.replaceChildren(
      h("h2", { id: "order-title" }, `Generation ${generation} ${this.kind.done} ${this.flag.key}`),
      roster.element,
      this.#trouble,
      stands,
      h("div", { class: "order__buttons" }, close),
    );
    close.focus();
    update();
    const calm = this.live.hurry();
    for (const event of TOLD) this.live.addEventListener(event, update);
    this.#dialog.addEventListener("close", () => {
      calm();
      for (const event of TOLD) this.live.removeEventListener(event, update);
    });
  }
}
