/**
 * The switch in the header that lets the page be another client.
 */

import { announce } from "./announce.js";
import { become, identity } from "./identity.js";

/**
 * Shows which client the page is and follows the person's choice.
 * @param {HTMLSelectElement} select
 * @param {() => Promise<void>} onChange
 */
export function offerDisguise(select, onChange) {
  select.value = identity();
  // An address may ask for a type that is not on offer.
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  select.addEventListener("change", async () => {
    become(select.value);
    await onChange();
    announce(`Shown as ${select.selectedOptions[0].text}`);
  });
}
