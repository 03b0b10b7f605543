/**
 * Dark or light: the system's choice until the person makes another. A classic script, not a module, so that it runs
 * before the first paint and a chosen theme does not flash.
 */
(() => {
  const REMEMBERED = "backline.theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const current = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

  /** Storage may be switched off in the browser; then a choice lasts as long as the page. */
  const storage = (/** @type {(store: Storage) => string | null | void} */ use) => {
    try {
      return use(localStorage) ?? null;
    } catch {
      return null;
    }
  };

  const label = () => {
    const other = current() === "dark" ? "light" : "dark";
    document.querySelectorAll("[data-theme-switch]").forEach((button) => {
      button.setAttribute("aria-label", `Switch to ${other} theme`);
      button.querySelector("use")?.setAttribute("href", `/web/icons.svg#${other === "dark" ? "moon" : "sun"}`);
    });
  };

  const flip = () => {
    const theme = current() === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    storage((store) => store.setItem(REMEMBERED, theme));
    label();
  };

  const chosen = storage((store) => store.getItem(REMEMBERED));
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  system.addEventListener("change", label);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-switch]").forEach((button) => button.addEventListener("click", flip));
    label();
  });
})();
