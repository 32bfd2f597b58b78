/** The share of a rollout: a slider beside the figure; the server tells who would move. */

/** @param {HTMLFormElement} form rendered by `rollout/_share_card.html` */
export function startShareForm(form) {
  const slider = form.querySelector("[data-share-slider]");
  const figure = form.querySelector("[data-share-figure]");

  const tell = () => {
    figure.value = slider.value;
    // htmx listens to the figure, and asks for the rehearsal.
    figure.dispatchEvent(new Event("input", { bubbles: true }));
  };
  slider.addEventListener("input", tell);
  // Whoever was faster than this script has moved it already.
  if (slider.value !== slider.defaultValue) tell();
  figure.addEventListener("input", () => {
    const typed = Number(figure.value);
    if (typed >= 0 && typed <= 100) slider.value = String(typed);
  });
}
