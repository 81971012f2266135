// The keyboard: one table for what keys do and for the list of them.

/** Keys, what they do, and how that is called. */
const KEYS = [
  [["ArrowDown", "ArrowRight"], "next", "Next image"],
  [["ArrowUp", "ArrowLeft"], "previous", "Previous image"],
  [["PageDown"], "ahead", "Ten images on"],
  [["PageUp"], "back", "Ten images back"],
  [["Home"], "first", "First image"],
  [["End"], "last", "Last image"],
  [[" "], "film", "Play and pause"],
  [[",", "<"], "slower", "Slower"],
  [[".", ">"], "faster", "Faster"],
  [["1"], "choose", "Windows, in the order of their list: 1 to 9"],
  [["b"], "brighter", "Brighter"],
  [["d"], "darker", "Darker"],
  [["c"], "contrast", "More contrast"],
  [["x"], "soft", "Less contrast"],
  [["i"], "invert", "Black and white exchanged"],
  [["+", "="], "larger", "Larger"],
  [["-"], "smaller", "Smaller"],
  [["Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"], "move", "Move the image"],
  [["f"], "fit", "Fit into the window"],
  [["z"], "pixels", "A pixel of the image for each of the screen"],
  [["r"], "turn", "Turn to the right"],
  [["h"], "across", "Exchange left and right"],
  [["v"], "down", "Exchange top and bottom"],
  [["m"], "tool", "What dragging does: the window, or moving"],
  [["t"], "text", "Show and hide the text"],
  [["g"], "overlays", "Show and hide graphics over the image"],
  [["0", "Escape"], "reset", "As at the beginning"],
  [["n"], "after", "Next series"],
  [["p"], "before", "Previous series"],
];

const NAMES = { " ": "Space", ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→" };
const OF_A_SLIDER = new Set(["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "PageDown", "PageUp", "Home", "End"]);

/** @param act the function of each name in the table; it gets the key. */
export function listen(act) {
  const table = new Map(KEYS.flatMap(([keys, name]) => keys.map((key) => [key, act[name]])));
  document.addEventListener("keydown", (event) => {
    if (belongsElsewhere(event)) return;
    const arrow = event.shiftKey && event.key.startsWith("Arrow");
    const does = table.get(arrow ? `Shift+${event.key}` : event.key.length === 1 ? event.key.toLowerCase() : event.key) ??
      (/^[2-9]$/.test(event.key) ? act.choose : undefined);
    if (!does) return;
    event.preventDefault();
    does(event.key);
  });
}

function belongsElsewhere({ target, key, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || document.querySelector(".modal.show")) return true;
  if (target.matches("select, video")) return true;
  if (target.matches("input[type=range]")) return OF_A_SLIDER.has(key);
  return target.matches("a, button") && (key === " " || key === "Enter");
}

/** The list of keys, as terms and what they mean. */
export function describe(list) {
  for (const [keys, , words] of KEYS) {
    const term = document.createElement("dt");
    for (const key of keys.slice(0, 4)) {
      const letter = document.createElement("kbd");
      letter.textContent = key.replace(/Arrow\w+| /, (name) => NAMES[name]);
      term.append(letter, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = words;
    list.append(term, meaning);
  }
}
