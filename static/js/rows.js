// Rows of a list: keys lead through them (j and k to the next and the one before, o and Enter to open it), and what has been
// found is said.
import { isTyping } from "./base.js";

const results = document.getElementById("results");
const busy = (is) => (event) => { if (event.detail.target === results) results.setAttribute("aria-busy", String(is)); };

/**
 * Let keys lead through the rows of the results that meet a selector.
 *
 * `open(row)` is for o and Enter, `more` has what further keys do with the current row. Returns how a row is made current.
 */
export function leadThrough(selector, open, more = {}) {
  const rows = () => [...results.querySelectorAll(selector)];
  const current = () => rows().find((row) => row.classList.contains("current"));

  function makeCurrent(row) {
    current()?.classList.remove("current");
    row.classList.add("current");
  }

  function step(by) {
    const all = rows();
    const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + by))];
    if (!next) return;
    makeCurrent(next);
    next.querySelector("th a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const acts = { j: () => step(1), k: () => step(-1) };
  const actsOnRow = { o: open, ...more };

  document.addEventListener("keydown", (event) => {
    if (isTyping(event)) {
      if (event.key === "Escape" && event.target.matches("input")) event.target.blur();
      return;
    }
    const row = current();
    const act = acts[event.key] ?? (row && actsOnRow[event.key]);
    if (act) { event.preventDefault(); act(row); }
    // The link of the row that j and k have led to has the focus: Enter is to open the row, as it is without a focus.
    const ofRow = row?.contains(event.target.closest("th a")) || !event.target.closest("a, button, input");
    if (event.key === "Enter" && row && ofRow) { event.preventDefault(); open(row); }
  });

  return makeCurrent;
}

document.addEventListener("htmx:beforeRequest", busy(true));
document.addEventListener("htmx:afterRequest", busy(false));

// What has been found is said to those who do not see it; the place of that has to stay while the results change.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== results) return;
  document.getElementById("found").textContent = results.querySelector("[data-found]").innerText;
});
