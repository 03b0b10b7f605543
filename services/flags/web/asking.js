/**
 * Forms that ask something with the admin token, and change nothing.
 */

import { Trouble, post } from "./api.js";
import { askToken } from "./dialog.js";
import { h } from "./dom.js";
import { session } from "./session.js";

/**
 * Returns a form that asks the service something without changing anything, with the place for its answer.
 * @template Answer
 * @param {{path: string, verb: string, controls: Node[], body: () => object, shown: (answer: Answer) => Node}} asking
 */
export function askingForm({ path, verb, controls, body, shown }) {
  const answer = h("div", { class: "answer", role: "status" });
  const send = h("button", { class: "button" }, verb);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!session.token && !(await askToken())) return;
    send.disabled = true;
    try {
      answer.replaceChildren(shown(await post(path, body())));
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      answer.replaceChildren(h("p", { class: "trouble" }, error.message));
    } finally {
      send.disabled = false;
    }
  };
  return h("form", { onsubmit: submit }, ...controls, h("div", { class: "form__buttons" }, send), answer);
}
