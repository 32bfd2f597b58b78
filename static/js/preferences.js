/** Change the theme at once and tell the server behind; the language needs a new page. */

async function chooseTheme(event) {
  const button = event.submitter;
  if (button?.name !== "theme") return;
  event.preventDefault();
  const root = document.documentElement;
  root.dataset.theme = button.value;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.bsTheme = button.value === "auto" ? system : button.value;
  for (const other of document.querySelectorAll("[name=theme][aria-pressed]")) {
    other.setAttribute("aria-pressed", String(other.value === button.value));
  }
  const body = new FormData(event.target);
  body.set("theme", button.value);
  await fetch(event.target.action, {
    method: "POST",
    body,
    headers: { "X-Requested-With": "fetch" },
  });
}

/** Listen on the forms that `components/preference_*.html` render. */
export function startPreferences() {
  for (const form of document.querySelectorAll("[data-preferences]")) {
    form.addEventListener("submit", chooseTheme);
  }
}
