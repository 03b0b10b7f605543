/**
 * Dark or light: the system's choice until the person makes another. A classic script, so that it runs before the first
 * paint and a chosen theme does not flash.
 */
(() => {
  const REMEMBERED = "backline.theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const other = () => ((root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark" ? "light" : "dark");

  /** Storage may be switched off; then a choice lasts as long as the page. */
  const storage = (/** @type {(store: Storage) => string | null | void} */ use) => {
    try {
      return use(localStorage) ?? null;
    } catch {
      return null;
    }
  };

  const chosen = storage((store) => store.getItem(REMEMBERED));
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    const label = () => {
      button.textContent = other() === "dark" ? "Dark" : "Light";
      button.setAttribute("aria-label", `Switch to ${other()} theme`);
    };
    button.addEventListener("click", () => {
      const theme = other();
      root.dataset.theme = theme;
      storage((store) => store.setItem(REMEMBERED, theme));
      label();
    });
    system.addEventListener("change", label);
    label();
  });
})();
