// The panel on which files are dropped, on the upload page and on the list of studies.
import { Archive } from "./archive.js";
import { onChosen } from "./choose.js";
import { onDrop } from "./drop.js";
import { SignedOut } from "./errors.js";
import { forget, keep, unfinished } from "./kept.js";
import { Reader } from "./reader.js";
import { Receipt } from "./receipt.js";
import { fromEntries, fromHandles, fromInput } from "./sources.js";
import { Status, Upload } from "./upload.js";
import { View } from "./view.js";

/** Milliseconds between two looks at an upload. */
const LOOK = 200;

const panel = document.querySelector("[data-upload]");
const part = (name) => panel.querySelector(`[data-${name}]`);
const settings = JSON.parse(document.getElementById("upload-settings").textContent);
const archive = new Archive(settings);
const reader = new Reader();

/** `{upload, receipt, view, record, isSettled}` of the last upload that was begun on this page. */
let current = null;
/** What is kept of an upload that was not finished before the page was loaded. */
let interrupted = null;

onChosen(panel, start);
onDrop(start);

async function start(chosen) {
  panel.hidden = false;
  part("problem").hidden = true;
  if (!current?.upload.isOpen) current = begin();
  const mine = current;
  mine.record.roots.push(...rootsOf(chosen));
  try {
    await mine.receipt.begin();
  } catch (error) {
    problem(error instanceof SignedOut ? "Nobody is signed in any more, or may upload: load the page again." : "The archive cannot be reached. Look at the network, then try again.");
    current = null;
    return;
  }
  await keep({ ...mine.record, receipt: mine.receipt.url });
  part("receipt").href = mine.receipt.url;
  await mine.upload.add(sourceOf(chosen));
}

/** A new upload, or the interrupted one anew: what the archive has by now is not sent again. */
function begin() {
  const upload = new Upload(archive, reader);
  const receipt = new Receipt(archive, upload, interrupted?.receipt ?? null);
  const record = { user: settings.user, startedAt: interrupted?.startedAt ?? Date.now(), roots: interrupted?.roots ?? [] };
  interrupted = null;
  part("unfinished").hidden = true;
  part("studies").replaceChildren();
  const begun = { upload, receipt, record, view: new View(panel), isSettled: false };
  let timer = null;
  upload.addEventListener("change", () => { timer ??= setTimeout(() => { timer = null; look(begun); }, LOOK); });
  return begun;
}

function sourceOf({ handles, entries, files }) {
  if (handles) return fromHandles(handles);
  return entries ? fromEntries(entries) : fromInput(files);
}

/** What would have to be chosen again. */
function rootsOf({ handles, entries, files }) {
  if (handles) return handles.map((handle) => ({ name: handle.name, kind: handle.kind, handle }));
  if (entries) return entries.map((entry) => ({ name: entry.name, kind: entry.isFile ? "file" : "directory" }));
  const folders = new Set(files.map((file) => file.webkitRelativePath.split("/")[0]).filter(Boolean));
  const loose = files.filter((file) => !file.webkitRelativePath);
  return [...[...folders].map((name) => ({ name, kind: "directory" })), ...loose.map(({ name }) => ({ name, kind: "file" }))];
}

// -- while it goes on

async function look(one) {
  if (one !== current) return;
  one.view.show(one.upload);
  one.isSettled = false;
  if (one.upload.isOpen) one.receipt.soon();
  else await settled(one);
}

async function settled(one) {
  const { upload, receipt } = one;
  if (upload.status === Status.SIGNED_OUT) return;
  const isTold = await receipt.tell(true);
  if (isTold || receipt.isRefused) await forget(receipt.url);
  one.isSettled = true;
  if (!isTold) problem("The receipt is not complete: the archive did not take all of it.");
  else window.htmx.ajax("GET", receipt.url, { target: part("studies"), swap: "innerHTML" });
}

function problem(text) {
  part("problem").textContent = text;
  part("problem").hidden = false;
}

part("cancel").addEventListener("click", () => current.upload.cancel());
part("resume").addEventListener("click", async () => {
  part("problem").hidden = true;
  await keep({ ...current.record, receipt: current.receipt.url });
  current.upload.resume();
});

window.addEventListener("beforeunload", (event) => {
  if (current && !current.isSettled) event.preventDefault();
});

// -- what was not finished before the page was loaded

async function offer() {
  interrupted = (await unfinished(settings.user)) ?? null;
  if (!interrupted || current) return;
  part("unfinished").hidden = false;
  const canOpen = interrupted.roots.every((root) => root.handle);
  const names = interrupted.roots.slice(0, 5).map((root) => root.name).join(", ") + (interrupted.roots.length > 5 ? " …" : "");
  part("unfinished-text").textContent = canOpen ?
    `An upload was interrupted: ${names}. What the archive has of it by now is not sent again.` :
    `An upload was interrupted. Choose the same again, ${names}: what the archive has of it by now is not sent again.`;
  part("go-on").hidden = !canOpen;
}

part("go-on").addEventListener("click", async () => {
  const handles = interrupted.roots.map((root) => root.handle);
  for (const handle of handles) await handle.requestPermission?.({ mode: "read" });
  interrupted.roots = [];
  await start({ handles });
});

part("forget").addEventListener("click", async () => {
  await forget(interrupted.receipt);
  interrupted = null;
  part("unfinished").hidden = true;
});

// On the list of studies nobody has asked for it.
if (!panel.hidden) await offer();
