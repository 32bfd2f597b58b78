/**
 * Save the draft by itself, two seconds after the last change.
 *
 * POST of the whole form to `data-autosave-url`. Answers: 200 {version, saved_at, url?,
 * autosave_url?} (the two addresses when the draft was born just now); 409: somebody else
 * saved first, so the form is sent as a whole and the server shows both versions; 422
 * {errors: [{message}]}: not complete yet, which is no problem while somebody types.
 */
import { fill } from "./totals.js";

const IDLE_MS = 2000;
const RETRY_MS = 10_000;

/** Saves one form; never two requests at once, so versions follow each other. */
export class Autosave {
  #timer = 0;
  #running = null;
  #isDirty = false;
  #isStopped = false;
  #isLeaving = false;

  /**
   * @param {HTMLFormElement} form
   * @param {() => void} settle brings the cell that is being edited into its final form
   */
  constructor(form, settle) {
    this.form = form;
    this.settle = settle;
    this.status = form.querySelector("[data-saved]");
    addEventListener("beforeunload", (event) => {
      if (this.#isDirty && !this.#isLeaving) event.preventDefault();
    });
  }

  /** Note a change and save when the typing rests. */
  changed() {
    this.#isDirty = true;
    this.#plan(IDLE_MS);
  }

  /** Stop for good: the form itself is on its way. Resolves when nothing is running. */
  async stop() {
    this.#isStopped = true;
    this.#isLeaving = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  get isRunning() {
    return this.#running !== null;
  }

  #plan(delay) {
    clearTimeout(this.#timer);
    if (this.#isStopped || !this.form.dataset.autosaveUrl) return;
    this.#timer = setTimeout(() => this.#save(), delay);
  }

  async #save() {
    if (this.#running) return this.#plan(IDLE_MS);
    this.#isDirty = false;
    this.#say(this.form.dataset.textSaving);
    this.#running = this.#send();
    try {
      await this.#running;
    } catch {
      this.#isDirty = true;
      this.#say(this.form.dataset.textOffline, "is-bad");
      this.#plan(RETRY_MS);
    } finally {
      this.#running = null;
    }
  }

  async #send() {
    const answer = await fetch(this.form.dataset.autosaveUrl, {
      method: "POST",
      body: new FormData(this.form),
      headers: { "X-Requested-With": "fetch", Accept: "application/json" },
    });
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return this.#saved(body);
    this.#isDirty = true;
    if (answer.status === 409) return this.#conflict();
    if (answer.status >= 500) throw new Error(String(answer.status));
    const reason = body.errors?.[0]?.message ?? "";
    this.#say(`${this.form.dataset.textNotSaved} ${reason}`, "is-bad");
  }

  #saved({ version, saved_at: savedAt, url, autosave_url: autosaveUrl }) {
    this.form.elements.version.value = version;
    if (autosaveUrl) this.form.dataset.autosaveUrl = autosaveUrl;
    if (url) {
      this.form.action = url;
      history.replaceState(null, "", url);
    }
    const moment = savedAt ? new Date(savedAt) : new Date();
    const time = moment.toLocaleTimeString("en-GB");
    this.#say(fill(this.form.dataset.textSaved, { time, version }), "is-ok");
  }

  #conflict() {
    this.#isStopped = true;
    this.#say(`${this.form.dataset.textConflict} `, "is-bad");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline-danger";
    button.textContent = this.form.dataset.textConflictAction;
    button.addEventListener("click", () => {
      this.form.requestSubmit(document.querySelector("button[name=act][value=save]"));
    });
    this.status.append(button);
  }

  #say(text, tone = "") {
    this.status.className = `fm-saved ${tone}`;
    this.status.textContent = text;
  }
}
