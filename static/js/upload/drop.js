// Files can be dropped anywhere on the page.
import { dropped } from "./sources.js";

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

/** Call `take` with what `dropped` of `sources.js` gives. */
export function onDrop(take) {
  // Moving over the elements of a page enters one before it leaves another.
  let over = 0;
  const show = (number) => {
    over = number;
    document.body.classList.toggle("dropping", over > 0);
  };
  document.addEventListener("dragenter", (event) => hasFiles(event) && show(over + 1));
  document.addEventListener("dragleave", (event) => hasFiles(event) && show(Math.max(0, over - 1)));
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(0);
    take(await dropped(event.dataTransfer));
  });
}
