// The end of a session: two minutes before, a dialog asks whether somebody is there; then the page is left, whatever it
// shows. Whoever moves is there, and the archive is told so now and then; what pages load by themselves does not count.

/** Seconds: of the warning; between two words to the archive; and when the time that is left is said aloud. */
const [WARNING, TELL] = [120, 60];
const SAID = [120, 60, 30, 10];
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "scroll"];

const dialog = document.getElementById("session");
const others = new BroadcastChannel("session"); // further windows

if (dialog) watch(); else others.postMessage("look"); // somebody has to sign in: is it over for all?

function watch() {
  const form = dialog.querySelector("form");
  const [count, said] = [".session-count", ".session-said"].map((name) => dialog.querySelector(name));
  let endsAt = 0;
  let toldAt = Date.now();
  let moved = false;
  let leaving = false;

  const secondsLeft = () => Math.ceil((endsAt - Date.now()) / 1000);

  function set(left) {
    endsAt = Date.now() + 1000 * left;
    if (left > WARNING) dialog.close();
  }

  async function ask(options) {
    const response = await fetch(form.action, { cache: "no-store", ...options });
    if (response.status === 401) leave();
    if (!response.ok) return false;
    set((await response.json()).left);
    return true;
  }

  /** How long it lasts by now: other windows, and uploads, have their part in it. */
  const look = () => ask({}).catch(() => false);

  async function stay() {
    moved = false;
    toldAt = Date.now();
    const told = await ask({ method: "POST", body: new FormData(form) }).catch(() => false);
    if (told) others.postMessage(secondsLeft());
  }

  async function tick() {
    if (moved && !dialog.open && Date.now() - toldAt > 1000 * TELL) await stay();
    if (secondsLeft() <= 0) await end();
    else if (dialog.open) write();
    else if (secondsLeft() <= WARNING && (!(await look()) || secondsLeft() <= WARNING)) warn();
  }

  function warn() {
    dialog.showModal();
    said.textContent = "";
    write();
  }

  function write() {
    const left = Math.max(secondsLeft(), 0);
    count.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (SAID.includes(left) || !said.textContent) said.textContent = `${left} seconds are left.`;
  }

  /** Nobody sees the page until it is known that it is not over. */
  async function end() {
    document.documentElement.hidden = true;
    if (await look() && secondsLeft() > 0) document.documentElement.hidden = false;
    else leave();
  }

  function leave() {
    if (leaving) return;
    leaving = true;
    clearInterval(clock);
    document.documentElement.hidden = true;
    const here = `${location.pathname}${location.search}${location.hash}`;
    location.replace(`${dialog.dataset.signIn}?next=${encodeURIComponent(here)}`);
  }

  set(Number(dialog.dataset.left));
  for (const sign of SIGNS) addEventListener(sign, () => { moved = true; }, { capture: true, passive: true });
  form.addEventListener("submit", (event) => { event.preventDefault(); stay(); });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  others.addEventListener("message", ({ data }) => (data === "look" ? look() : set(data)));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  let ticking = false;
  const clock = setInterval(async () => {
    if (ticking) return;
    ticking = true;
    await tick();
    ticking = false;
  }, 1000);
}
