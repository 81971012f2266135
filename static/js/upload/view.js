// What the panel shows of an upload.
import { inBytes, inWords, plural, Speed, totals } from "./progress.js";
import { Result } from "./result.js";
import { Status } from "./upload.js";

/** So many files of each result are on the page; the receipt has all. */
const MOST_SHOWN = 200;
/** Milliseconds between two sentences for who listens. */
const SPOKEN = 15_000;

const STATES = {
  [Status.RUNNING]: "Uploading",
  [Status.WAITING]: "The archive does not answer. The upload goes on as soon as it does",
  [Status.SIGNED_OUT]: "Nobody is signed in any more, or may upload",
  [Status.CANCELLED]: "Cancelled",
  [Status.DONE]: "Finished",
};

export class View {
  #speed = new Speed();
  #spokenAt = 0;
  #spokenState = "";

  constructor(panel) {
    this.part = (name) => panel.querySelector(`[data-${name}]`);
    this.lists = [...panel.querySelectorAll("[data-list]")];
  }

  show(upload) {
    const found = totals(upload.items);
    const state = this.#state(upload, found);
    this.part("run").hidden = false;
    this.part("run").dataset.status = upload.status;
    this.part("state").textContent = state;
    this.part("bar").value = upload.status === Status.DONE ? 1 : found.bytes && found.bytesDone / found.bytes;
    this.part("numbers").textContent = this.#numbers(upload, found);
    this.part("cancel").hidden = !upload.isOpen;
    this.#showResume(upload, found);
    this.part("signed-out").hidden = upload.status !== Status.SIGNED_OUT;
    this.part("too-many").hidden = !upload.tooMany;
    this.lists.forEach((list) => showList(list, upload, found.counts[list.dataset.list]));
    this.#speak(upload, state);
  }

  #state(upload, { counts, files }) {
    if (upload.status !== Status.DONE) return STATES[upload.status];
    if (!files) return "There are no files in it";
    if (counts.failed + counts.refused) return `Finished: ${plural(counts.failed + counts.refused, "file was", "files were")} not stored`;
    return counts.stored + counts.known ? "Finished: all of it is in the archive" : "Finished: nothing of it is DICOM";
  }

  #numbers(upload, { files, done, bytes, bytesDone }) {
    const more = upload.isWalking ? " so far" : "";
    const parts = [`${done.toLocaleString("en")} of ${plural(files, "file", "files")}${more}`, `${inBytes(bytesDone)} of ${inBytes(bytes)}`];
    if (upload.status !== Status.RUNNING) this.#speed.reset();
    else {
      const speed = this.#speed.sample(bytesDone);
      if (speed) parts.push(`${inBytes(speed)}/s`, `${inWords((bytes - bytesDone) / speed)} left`);
    }
    return parts.join(" · ");
  }

  #showResume(upload, { counts }) {
    const button = this.part("resume");
    button.hidden = upload.isOpen || (upload.status === Status.DONE && !counts.failed);
    button.textContent = upload.status === Status.DONE ? `Retry ${plural(counts.failed, "failed file", "failed files")}` : "Go on";
  }

  #speak(upload, state) {
    const now = performance.now();
    if (state === this.#spokenState && (!upload.isOpen || now - this.#spokenAt < SPOKEN)) return;
    this.#spokenAt = now;
    this.#spokenState = state;
    this.part("spoken").textContent = `${state}. ${this.part("numbers").textContent}`;
  }
}

/** The files of one result; drawn again only when there are others. */
function showList(list, { items }, count) {
  if (list.dataset.count === String(count)) return;
  list.dataset.count = String(count);
  list.hidden = count === 0;
  list.querySelector("[data-count]").textContent = count.toLocaleString("en");
  const lines = [];
  for (let at = 0; at < items.length && lines.length < MOST_SHOWN; at++) {
    if (items[at].result === list.dataset.list) lines.push(line(items[at]));
  }
  if (count > lines.length) lines.push(element("li", "aside", `and ${plural(count - lines.length, "other", "others")}; the receipt has all`));
  list.querySelector("ul").replaceChildren(...lines);
}

function line({ path, size, reason, result }) {
  const item = element("li", "", "");
  item.append(element("bdi", "path", path), " ", element("span", "aside", result === Result.STORED && !reason ? inBytes(size) : reason));
  return item;
}

function element(name, className, text) {
  return Object.assign(document.createElement(name), { className, textContent: text });
}
