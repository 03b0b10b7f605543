/**
 * Tells people who use a screen reader what sighted people see change.
 */

/** @param {string} text */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}
