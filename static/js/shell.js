/** Menus, dialogs, copy buttons and focus: the behaviour of the frame. */

/** Close every open menu but the one that holds `keep`. */
function closeMenus(keep) {
  for (const menu of document.querySelectorAll("details.fm-menu[open]")) {
    if (!menu.contains(keep)) menu.open = false;
  }
}

/** Escape closes the innermost open menu and gives focus back to its button. */
function closeOnEscape(event) {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.fm-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (location.hash === "#menu") {
    location.hash = "#main";
  }
}

/** Open or close a dialog; without script the same links work by :target. */
function handleDialog(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog).showModal();
    return;
  }
  const dialog = event.target.closest("dialog");
  if (dialog && (event.target === dialog || event.target.closest("[data-close]"))) {
    event.preventDefault();
    dialog.close();
  }
}

/** Copy the trace id and say so in place of the icon's name. */
async function copyText(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  status.textContent = button.dataset.textDone;
  button.after(status);
  setTimeout(() => status.remove(), 2000);
}

/** Start everything; an error summary takes the focus so that it is read first. */
export function startShell() {
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("click", handleDialog);
  document.addEventListener("click", copyText);
  document.addEventListener("keydown", closeOnEscape);
  document.querySelector("[data-focus]")?.focus();
}
