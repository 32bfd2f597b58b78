/** Send each form once: a second click on a slow page must not send it again. */

function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After the browser has read the form: a disabled button would not be sent along.
  setTimeout(() => setDisabled(form, true));
}

function setDisabled(form, isDisabled) {
  for (const button of form.elements) {
    if (button.type === "submit") button.disabled = isDisabled;
  }
}

/** Forget what was sent when the page comes back from the browser's history. */
function forget(event) {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    setDisabled(form, false);
  }
}

/** Guard every form of the page, also those that arrive later. */
export function guardForms() {
  document.addEventListener("submit", sendOnce);
  addEventListener("pageshow", forget);
}
