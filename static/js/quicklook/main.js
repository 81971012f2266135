// The quick look: a series image by image, as the archive renders it.
import { Film, SPEEDS } from "./film.js";
import { addressOf, factsOf, imagesOf, isPicture, sizeFor, sizeOf, timeOf } from "./images.js";
import * as keys from "./keys.js";
import * as labels from "./labels.js";
import { Drafts, Loader } from "./loader.js";
import { elementFor } from "./others.js";
import { Painter } from "./painter.js";
import * as placement from "./placement.js";
import * as pointers from "./pointers.js";
import { WindowTool } from "./window_tool.js";
import { written } from "./windows.js";

const of = (id) => document.getElementById(id);
const data = JSON.parse(of("look").textContent);
const images = imagesOf(data.stack);
const films = images.filter(isPicture).length > 1;
const [stage, canvas, other, choice, slider] = ["stage", "canvas", "other", "choice", "slider"].map(of);

/** So many images are loaded before somebody gets to them, and so many stay behind. */
const [AHEAD, BEHIND, AHEAD_OF_FILM] = [8, 3, 24];
/** Pixels of what is loaded ahead. */
const ROOM = 32 << 20;
const DRAFT = 256;
const STEP = 40; // pixels of a drag, or of a move, that a key is as much as

const BEGINNING = { inverted: false, overlays: false, tool: "window" };
const look = { at: 0, way: 1, text: true, placement: { ...placement.UPRIGHT, ...placement.FITTED }, ...BEGINNING };

/** What is on the stage: the image and its picture. */
let shown = null;

const loader = new Loader((address) => {
  if (isPicture(current()) && address === wanted(look.at)) present();
  film.arrived();
});
const windows = new WindowTool(data, windowChanged);
const drafts = new Drafts((picture) => {
  if (shown?.image === current()) shown.picture = picture;
  draw();
});
const film = new Film({ next: showNext, time: () => timeOf(current()) });

const current = () => images[look.at];

// -- which picture

function show(at) {
  const to = Math.min(Math.max(at, 0), images.length - 1);
  if (to !== look.at) look.way = Math.sign(to - look.at);
  look.at = to;
  labels.count(to, images.length);
  history.replaceState(null, "", `#${to + 1}`);
  update();
}

/** Have the picture of now, and those that may be looked at next. */
function update() {
  drafts.stop();
  const image = current();
  other.replaceChildren();
  other.hidden = isPicture(image);
  if (!isPicture(image)) return presentOther(image);
  let room = ROOM;
  const around = [...new Set(nearby())].filter((at) => isPicture(images[at]));
  loader.want(around.filter((at, place) => (room -= areaOf(images[at])) > 0 || place < 2).map(wanted));
  return present();
}

function nearby() {
  const ahead = film.playing ? AHEAD_OF_FILM : AHEAD;
  const steps = Array.from({ length: ahead }, (_, at) => at + 1).flatMap((step) => step <= BEHIND ? [step, -step] : [step]);
  const places = [0, ...steps].map((step) => look.at + step * look.way);
  return film.playing ? places.map((at) => ((at % images.length) + images.length) % images.length) :
    places.filter((at) => at >= 0 && at < images.length);
}

function wanted(at) {
  const size = sizeFor(images[at], pixelsOf(images[at]));
  return addressOf(data.instances, images[at], { size, window: windows.window, overlays: look.overlays });
}

/** How many pixels its picture has, at most. */
function areaOf(image) {
  const size = sizeFor(image, pixelsOf(image));
  const own = sizeOf(image);
  return size ? size * size : own.width * own.height;
}

/** How many pixels of the screen an image has along its longer side. */
function pixelsOf(image) {
  const size = sizeOf(image) ?? { width: 1, height: 1 };
  return Math.ceil(placement.scaleOf(look.placement, size, painter.box) * Math.max(size.width, size.height) * devicePixelRatio);
}

function present() {
  const address = wanted(look.at);
  const picture = loader.get(address);
  const error = loader.errorOf(address);
  stage.setAttribute("aria-busy", String(!picture && !error));
  labels.complain(error?.message ?? "");
  if (error) shown = null;
  if (picture) shown = { image: current(), picture, address };
  if (picture || error) describe();
  draw();
}

function presentOther(image) {
  loader.want([]);
  shown = null;
  stage.setAttribute("aria-busy", "false");
  labels.complain("");
  other.replaceChildren(elementFor(image, data));
  describe();
  draw();
}

function showNext() {
  const next = nextPicture();
  if (!loader.get(wanted(next)) && !loader.errorOf(wanted(next))) return false;
  look.way = 1;
  show(next);
  look.way = 1;
  return true;
}

function nextPicture() {
  let at = look.at;
  do at = (at + 1) % images.length; while (!isPicture(images[at]));
  return at;
}

// -- the picture

const painter = new Painter(canvas, stage);

function draw() {
  painter.draw(() => ({ picture: shown?.picture, size: shown && sizeShown(), placement: look.placement, inverted: look.inverted }));
}

const sizeShown = () => sizeOf(shown.image) ?? { width: shown.picture.width, height: shown.picture.height };

// -- what is said of it

function describe() {
  const image = shown?.image ?? current(); // text and picture belong together
  const facts = factsOf(image);
  labels.describe(facts, look.placement);
  describeWindow(image, facts);
  writeZoom();
  reflect(image);
  const text = `${of("count").textContent}. ${of("window").textContent}`;
  canvas.setAttribute("aria-label", `${text} ${facts.lines.join(", ")}`);
  if (!film.playing) labels.announce(text);
}

function describeWindow(image, facts) {
  const { gray } = image.entry;
  const now = windows.of(facts);
  labels.write("window", gray && now ? `Window ${written(now)}` : "");
  const options = windows.choices(image, facts).map(({ name, window }, at) => {
    const chosen = window ? windows.window && same(window, windows.window) : !windows.window;
    return new Option(name, at, false, Boolean(chosen));
  });
  if (gray) options.push(new Option("Auto", "auto"));
  if (!options.some((option) => option.selected)) options.push(new Option(written(windows.window), "own", false, true));
  choice.replaceChildren(...options);
  choice.disabled = !gray;
}

const same = (one, another) => one.center === another.center && one.width === another.width && one.shape === another.shape;

function writeZoom() {
  const scale = shown ? placement.scaleOf(look.placement, sizeShown(), painter.box) * devicePixelRatio : 0;
  labels.write("zoom", shown ? `${Math.round(100 * scale)} %` : "");
}

/** What the tools say of themselves. */
function reflect({ entry }) {
  const pressed = { invert: look.inverted, text: look.text, overlays: look.overlays, tool: tool() === "move", film: film.playing };
  for (const [name, on] of Object.entries(pressed)) of(`do-${name}`).setAttribute("aria-pressed", String(on));
  of("do-tool").disabled = !entry.gray;
  of("do-overlays").disabled = !entry.overlays;
  of("do-film").disabled = of("speed").disabled = !films;
  stage.classList.toggle("without-text", !look.text);
  labels.write("rate", film.playing ? `${Math.round(10_000 * film.speed / timeOf(current())) / 10} images a second` : "");
}

// -- windows

function windowChanged(stays) {
  describe();
  if (stays) return update();
  const { overlays } = look;
  return drafts.ask(addressOf(data.instances, current(), { size: DRAFT, window: windows.window, overlays, draft: true }));
}

function choose(value) {
  const image = current();
  if (value === "auto") windows.suit(image);
  else if (value !== "own") windows.set(windows.choices(image, factsOf(image))[value].window);
}

function dragWindow(across, down, ends) {
  const image = current();
  if (image.entry.gray) windows.drag(image, factsOf(image), across, down, ends);
}

// -- placement

function place(to) {
  look.placement = to;
  if (!shown) return;
  labels.describe(factsOf(shown.image), to);
  writeZoom();
  if (wanted(look.at) !== shown.address) later();
  draw();
}

let sharper;

/** A larger picture, once the zoom has settled. */
function later() {
  clearTimeout(sharper);
  sharper = setTimeout(update, 150);
}

const placed = (change) => () => place(change(look.placement));

function toPixels() {
  if (!shown) return;
  const zoom = placement.zoomForPixels(look.placement, sizeShown(), painter.box, devicePixelRatio);
  place({ ...look.placement, ...placement.FITTED, zoom });
}

function reset() {
  windows.window = null;
  Object.assign(look, BEGINNING, { placement: { ...placement.UPRIGHT, ...placement.FITTED } });
  describe();
  update();
}

// -- what people do

function toggle(name) {
  look[name] = !look[name];
  describe();
  if (name === "overlays") update();
  draw();
}

function playOrPause() {
  if (film.playing) film.stop();
  else if (films) film.play();
  describe();
  update();
}

function setSpeed(speed) {
  film.speed = speed;
  of("speed").value = String(speed);
  describe();
}

const faster = (by) => setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(film.speed) + by, 0), SPEEDS.length - 1)]);

/** By the arrow that was pressed, with Shift. */
function push(key) {
  const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  place(placement.moved(look.placement, x * STEP, y * STEP));
}

const stepTo = (at) => { film.stop(); show(at); };
const leave = (rel) => document.querySelector(`a[rel=${rel}]`)?.click();
const tool = () => (current().entry.gray ? look.tool : "move");

const actions = {
  next: () => stepTo(look.at + 1),
  previous: () => stepTo(look.at - 1),
  ahead: () => stepTo(look.at + 10),
  back: () => stepTo(look.at - 10),
  first: () => stepTo(0),
  last: () => stepTo(images.length - 1),
  film: playOrPause,
  slower: () => faster(-1),
  faster: () => faster(1),
  choose: (key) => { const option = choice.options[Number(key) - 1]; if (option && !choice.disabled) choose(option.value); },
  brighter: () => dragWindow(0, -STEP, true),
  darker: () => dragWindow(0, STEP, true),
  contrast: () => dragWindow(-STEP, 0, true),
  soft: () => dragWindow(STEP, 0, true),
  invert: () => toggle("inverted"),
  larger: () => place(placement.zoomed(look.placement, 1.25)),
  smaller: () => place(placement.zoomed(look.placement, 0.8)),
  move: push,
  fit: placed((now) => ({ ...now, ...placement.FITTED })),
  pixels: toPixels,
  turn: placed(placement.turned),
  across: placed(placement.flippedAcross),
  down: placed(placement.flippedDown),
  tool: () => { look.tool = look.tool === "move" ? "window" : "move"; describe(); },
  text: () => toggle("text"),
  overlays: () => toggle("overlays"),
  reset,
  after: () => leave("next"),
  before: () => leave("prev"),
};

let dragging = false;

pointers.listen(stage, {
  tool,
  scroll: (number) => stepTo(look.at + number),
  zoom: (factor, point) => place(placement.zoomed(look.placement, factor, point)),
  move: (x, y) => place(placement.moved(look.placement, x, y)),
  window: (x, y) => { dragging = true; dragWindow(x, y); },
  drag(x, y) {
    if (tool() === "move") this.move(x, y);
    else this.window(x, y);
  },
  release() {
    if (dragging) dragWindow(0, 0, true);
    dragging = false;
  },
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) actions[button.dataset.do]();
});
slider.addEventListener("input", () => stepTo(Number(slider.value) - 1));
choice.addEventListener("change", () => choose(choice.value));
of("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
// Whoever has chosen with the mouse goes on with the image.
for (const select of [choice, of("speed")]) {
  select.addEventListener("pointerdown", () => select.addEventListener("change", () => stage.focus(), { once: true }));
}
keys.describe(of("key-list"));
keys.listen(actions);
new ResizeObserver(() => { later(); draw(); }).observe(stage);
window.addEventListener("hashchange", () => stepTo(Number(location.hash.slice(1)) - 1));

if (images.length) {
  slider.max = images.length;
  slider.hidden = images.length === 1;
  show((Number.parseInt(location.hash.slice(1), 10) || 1) - 1);
}
