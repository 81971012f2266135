// What is written over and beside the image.
import { sidesOf } from "./placement.js";

const of = (id) => document.getElementById(id);

/** The lines of the image that is shown, and which part of the patient is where. */
export function describe(facts, placement) {
  of("lines").replaceChildren(...facts.lines.map((line) => {
    const row = document.createElement("li");
    row.textContent = line;
    return row;
  }));
  const sides = facts.to ? sidesOf(placement, facts.to) : ["", "", "", ""];
  ["top", "right", "bottom", "left"].forEach((side, at) => { of(`side-${side}`).textContent = sides[at]; });
}

export function count(at, number) {
  const text = `Image ${at + 1} of ${number}`;
  of("count").textContent = text;
  const slider = of("slider");
  slider.value = at + 1;
  slider.setAttribute("aria-valuetext", text);
}

export function write(id, text) {
  of(id).textContent = text;
}

let announcement;

/** For screen readers, once things have settled. */
export function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => { of("announcement").textContent = text; }, 400);
}

/** Why there is no image; empty where there is one. */
export function complain(text) {
  of("problem").textContent = text;
  of("problem").hidden = !text;
}
