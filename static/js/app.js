/**
 * The one module that every page loads. Pages work without it; it adds comfort:
 * menus that close, keys, a theme without reload, and the grid of the entry form.
 */
import { guardForms } from "./forms.js";
import { listenForKeys } from "./keys.js";
import { startPreferences } from "./preferences.js";
import { startShell } from "./shell.js";

startShell();
startPreferences();
guardForms();
listenForKeys();

const entryForm = document.querySelector("[data-entry-form]");
if (entryForm) {
  const { startEntryForm } = await import("./entry/form.js");
  startEntryForm(entryForm);
}

const settlementForm = document.querySelector("[data-settlement-form]");
if (settlementForm) {
  const { startSettlementForm } = await import("./settlement.js");
  startSettlementForm(settlementForm);
}

const shareForm = document.querySelector("[data-share-form]");
if (shareForm) {
  const { startShareForm } = await import("./rollout.js");
  startShareForm(shareForm);
}

if (document.querySelector("[data-inbox], [data-request]")) {
  const { startInbox, startQuestions } = await import("./inbox.js");
  startQuestions();
  const inbox = document.querySelector("[data-inbox]");
  if (inbox) {
    const { startChoosing } = await import("./choosing.js");
    startInbox(inbox);
    startChoosing(inbox);
  }
}

const choices = document.querySelector("[data-choices]");
if (choices) {
  const { startChoosing } = await import("./choosing.js");
  startChoosing(choices);
}

const matchForm = document.querySelector("[data-match-form]");
if (matchForm) {
  const { startMatchForm } = await import("./matching.js");
  startMatchForm(matchForm);
}

const splitForm = document.querySelector("[data-split-form]");
if (splitForm) {
  const { startSplitForm } = await import("./splitting.js");
  startSplitForm(splitForm);
}
