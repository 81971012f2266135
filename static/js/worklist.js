// The worklist and its steps: rows that open, keys, and what has changed since the page was made, shown where it is.
import { isTyping } from "./base.js";

// -- opening

const results = document.getElementById("results");
const rows = () => [...results.querySelectorAll("tbody.step:not(.gone)")];
const current = () => results.querySelector("tbody.step.current");
const open = (row) => { location.href = row.dataset.url; };

results?.addEventListener("click", (event) => {
  const row = event.target.closest("tbody.step[data-url]");
  if (row && !event.target.closest("a") && !getSelection().toString()) open(row);
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) {
    if (event.key === "Escape" && event.target.matches("input")) event.target.blur();
    return;
  }
  if (!results) return;
  const row = current();
  const act = { j: () => step(1), k: () => step(-1), o: () => row && open(row) }[event.key];
  if (act) { event.preventDefault(); act(); }
  if (event.key === "Enter" && row && event.target === document.body) open(row);
});

function step(by) {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + by))];
  if (!next) return;
  current()?.classList.remove("current");
  next.classList.add("current");
  next.querySelector("a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === results) results.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target === results) results.setAttribute("aria-busy", "false");
});

// -- what has changed: each element of the answer takes the place of the one with its id, and the page stays where it is

const looking = () => document.querySelector("[data-look]");

async function look() {
  const place = looking();
  if (!place || document.hidden) return;
  const shown = [...document.querySelectorAll("[data-version]")].map((element) => element.dataset.version);
  const acts = document.querySelector("[data-acts]")?.dataset.acts ?? "";
  const query = new URLSearchParams({ shown: shown.join(","), acts });
  try {
    const response = await fetch(`${place.dataset.look}&${query}`, { headers: { "HX-Request": "true" } });
    if (response.status === 401) location.reload(); // to sign in
    if (response.status === 200 && place.isConnected) show(await response.text());
  } catch {
    // The network is away: the next look may find it again.
  }
}

function show(html) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  for (const element of [...answer.content.children]) {
    const shown = document.getElementById(element.id);
    if (!shown || shown.textContent === element.textContent && shown.dataset.version === element.dataset.version) continue;
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    if (shown.classList.contains("current")) element.classList.add("current");
    shown.replaceWith(element);
    window.htmx.process(element);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

setInterval(look, 1000 * Number(looking().dataset.seconds));
document.addEventListener("visibilitychange", look);
