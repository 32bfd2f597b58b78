// Runs before the first paint: marks that scripts work, and follows the system's theme
// when the person chose "System". Everything else waits for app.js.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function follow() {
    if (root.dataset.theme === "auto") {
      root.dataset.bsTheme = system.matches ? "dark" : "light";
    }
  }

  root.classList.add("has-script");
  system.addEventListener("change", follow);
  follow();
})();
