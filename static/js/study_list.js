// The list of studies: rows that open, keys, selection, and word of studies that have come. All of it adds to links
// and forms that work without.
import { isTyping } from "./base.js";
import { offer, watch } from "./live.js";
import { leadThrough } from "./rows.js";

const results = document.getElementById("results");
const viewer = document.querySelector("[data-viewer-url]")?.dataset.viewerUrl;

// -- opening: a click leads to the study, a double click to the viewer

let opening;

results.addEventListener("click", (event) => {
  const row = event.target.closest("tbody.study > tr:first-child");
  const button = event.target.closest("td.expand button");
  if (button) return toggleSeries(button);
  if (!row || event.target.closest("a, button, input, label") || getSelection().toString()) return undefined;
  makeCurrent(row.parentElement);
  clearTimeout(opening);
  if (event.detail === 1) opening = setTimeout(() => { location.href = row.parentElement.dataset.url; }, 250);
  return undefined;
});

results.addEventListener("dblclick", (event) => {
  const row = event.target.closest("tbody.study > tr:first-child");
  if (!row || event.target.closest("a, button, input, label")) return;
  clearTimeout(opening);
  getSelection().removeAllRanges();
  open(row.parentElement);
});

/** In the viewer where there is one, else the study's page. */
function open(row) {
  location.href = viewer ? viewing([row.dataset.study]) : row.dataset.url;
}

function viewing(studies) {
  return `${viewer}viewer?StudyInstanceUIDs=${studies.join(",")}`;
}

function toggleSeries(button) {
  const line = button.closest("tbody").querySelector(".series-line");
  const opens = line.hidden;
  line.hidden = !opens;
  button.setAttribute("aria-expanded", String(opens));
  fitSeries();
  if (opens && !line.querySelector(".series-row").children.length) window.htmx.trigger(button, "expand");
}

/** Series span the columns that the window has: spanning more would leave less room for each. */
function fitSeries() {
  const columns = [...results.querySelectorAll("thead th")].filter((head) => head.getClientRects().length).length;
  results.querySelectorAll(".series-line:not([hidden]) > td").forEach((cell) => { cell.colSpan = columns; });
}

window.addEventListener("resize", fitSeries);

// -- keys

const makeCurrent = leadThrough("tbody.study", open, {
  x: toggleSelected,
  e: (row) => toggleSeries(row.querySelector("td.expand button")),
});

// -- selection

const boxes = () => [...results.querySelectorAll("input[name=study]")];
const selected = () => boxes().filter((box) => box.checked).map((box) => box.value);

results.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches("[data-select-all], input[name=study]")) showSelection();
});

results.addEventListener("click", (event) => {
  if (event.target.closest("[data-select-none]")) { boxes().forEach((box) => { box.checked = false; }); showSelection(); }
  if (event.target.closest("[data-open-together]")) location.href = viewing(selected());
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "l" || isTyping(event) || !selected().length) return;
  event.preventDefault();
  document.getElementById("label-selected")?.click();
});

function toggleSelected(row) {
  const box = row.querySelector("input[name=study]");
  box.checked = !box.checked;
  showSelection();
}

function showSelection() {
  const number = selected().length;
  const all = results.querySelector("[data-select-all]");
  results.querySelector("[data-with-selected]").hidden = number === 0;
  results.querySelector("[data-selected-count]").textContent = `${number} selected`;
  all.checked = number > 0 && number === boxes().length;
  all.indeterminate = number > 0 && !all.checked;
  boxes().forEach((box) => box.closest("tbody").classList.toggle("selected", box.checked));
}

// Who comes back to the list finds the boxes as they were.
window.addEventListener("pageshow", () => { if (selected().length) showSelection(); });

// -- what somebody has done with rows stays with them when results are brought again

const rows = () => [...results.querySelectorAll("tbody.study")];
let before = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== results) return;
  before = new Map(rows().map((row) => [row.dataset.study, {
    isSelected: row.querySelector("input[name=study]").checked,
    isOpen: !row.querySelector(".series-line").hidden,
    isCurrent: row.classList.contains("current"),
    hasFocus: row.contains(document.activeElement),
  }]));
});

// When htmx knows the new rows' buttons.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target === results && rows().length) keep();
});

function keep() {
  for (const row of rows()) {
    const { isSelected, isOpen, isCurrent, hasFocus } = before.get(row.dataset.study) ?? {};
    row.querySelector("input[name=study]").checked = Boolean(isSelected);
    if (isOpen) toggleSeries(row.querySelector("td.expand button"));
    if (isCurrent) makeCurrent(row);
    if (hasFocus) row.querySelector("th a").focus({ preventScroll: true });
  }
  showSelection();
}

// -- filters: a preset and a range of days exclude each other

const filters = document.getElementById("filters");
const any = filters.querySelector("#days-any");

// Before htmx reads the form.
filters.addEventListener("change", (event) => {
  if (event.target.type === "date" && event.target.value && event.target.name !== "born") any.checked = true;
  if (event.target.name === "days") filters.querySelectorAll(".day-range input").forEach((input) => { input.value = ""; });
}, true);

document.addEventListener("show.bs.modal", (event) => {
  event.target.querySelectorAll("[data-from]").forEach((input) => { input.value = document.querySelector(input.dataset.from).value; });
});

// -- studies that have come since: said, and shown when somebody wants that

watch(
  "#arrivals",
  (place) => `${place.dataset.url}&newest=${place.dataset.newest}`,
  (answer, place) => offer(place, announced(JSON.parse(answer).studies)),
);

function announced(number) {
  if (number === 0) return "";
  return number === 1 ? "1 new study" : `${number >= 100 ? "100 or more" : number} new studies`;
}
