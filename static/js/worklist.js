// The worklist and its steps: rows that open, keys, and what has changed since the page was made, shown where it is.
import { watch } from "./live.js";
import { leadThrough } from "./rows.js";

// -- opening

const results = document.getElementById("results");
const open = (row) => { location.href = row.dataset.url; };

results?.addEventListener("click", (event) => {
  const row = event.target.closest("tbody.step[data-url]");
  if (row && !event.target.closest("a") && !getSelection().toString()) open(row);
});

if (results) leadThrough("tbody.step:not(.gone)", open);

// -- what has changed: each element of the answer takes the place of the one with its id, and the page stays where it is

watch("[data-look]", address, show);

function address(place) {
  const shown = [...document.querySelectorAll("[data-version]")].map((element) => element.dataset.version);
  const acts = document.querySelector("[data-acts]")?.dataset.acts ?? "";
  return `${place.dataset.look}&${new URLSearchParams({ shown: shown.join(","), acts })}`;
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
