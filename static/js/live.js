// What has changed since the page was made: a look when the archive hints at something, when the page is seen again, and
// now and then, more often while there are no hints. A page that nobody sees does nothing.

const { url: socketUrl, seconds, secondsUnhinted } = document.getElementById("live").dataset;

// Milliseconds between two looks; and by how much pages that are hinted at once differ in when they look.
const PAUSE = 1000, SPREAD = 300;
// So long an answer may take.
const PATIENCE = 20_000;
// Until the socket is opened again: twice as long after each failure, give or take half of it.
const FIRST_WAIT = 1000, LONGEST_WAIT = 60_000;

/**
 * Keep up to date what a page shows. Who has to sign in again is asked to.
 *
 * @param selector of the element that says what to ask for; while there is none, nothing is asked
 * @param address the URL to ask, of this element
 * @param show is given the answer's text and the element, if it is still there
 */
export function watch(selector, address, show) {
  const looks = new Looks(selector, address, show);
  const hints = new Hints();
  hints.onHint = () => looks.soon();
  hints.onChange = (open) => looks.every(Number(open ? seconds : secondsUnhinted));
  looks.onUnreachable = () => hints.doubt();

  const begin = () => { looks.every(Number(secondsUnhinted)); hints.open(); };
  const end = () => { looks.stop(); hints.close(); };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return end();
    begin();
    return looks.soon();
  });
  addEventListener("offline", () => hints.doubt());
  addEventListener("online", () => { if (!document.hidden) { end(); begin(); looks.soon(); } });
  if (!document.hidden) begin();
}

/** To the sign-in; nobody sees the page meanwhile. */
function leave() {
  document.documentElement.hidden = true;
  location.reload();
}

/** Say, in a link that shows it, what has changed; nothing for no text. */
export function offer(place, text) {
  if (place.textContent === text) return;
  const link = document.createElement("a");
  link.href = location.pathname + location.search;
  link.className = "btn btn-sm btn-primary";
  link.textContent = text;
  place.replaceChildren(...(text ? [link] : []));
}

/** Asks the archive, now and then, or soon; one question at a time. */
class Looks {
  #selector; #address; #show;
  #seconds = 0; #timer; #earliest = 0; #asking = false; #again = false;

  constructor(selector, address, show) {
    this.#selector = selector;
    this.#address = address;
    this.#show = show;
  }

  every(interval) {
    if (interval === this.#seconds) return;
    this.#seconds = interval;
    this.#plan(1000 * interval);
  }

  stop() {
    this.#seconds = 0;
    clearTimeout(this.#timer);
  }

  soon() {
    if (!this.#seconds) return;
    if (this.#asking) this.#again = true;
    else this.#plan(Math.max(0, this.#earliest - Date.now()) + SPREAD * Math.random());
  }

  #plan(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), milliseconds);
  }

  async #look() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#ask(document.querySelector(this.#selector));
    } finally {
      this.#asking = false;
      this.#earliest = Date.now() + PAUSE;
      if (this.#seconds) this.#plan(1000 * this.#seconds);
      if (this.#again) this.soon();
      this.#again = false;
    }
  }

  async #ask(place) {
    const answer = place && await this.#answer(this.#address(place));
    if (answer && this.#seconds && place.isConnected) this.#show(answer, place);
  }

  async #answer(url) {
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE) });
      if (response.status === 401) leave();
      return response.status === 200 ? await response.text() : "";
    } catch {
      this.onUnreachable();
      return "";
    }
  }
}

/** The socket, which is opened again whenever it is closed. */
class Hints {
  #socket; #timer; #failures = 0;

  open() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const url = new URL(socketUrl, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    try {
      this.#socket = new WebSocket(url);
    } catch { // Safari before 16 takes it for another origin
      this.#lost();
      return;
    }
    const socket = this.#socket;
    socket.onopen = () => {
      this.#failures = 0;
      this.onChange(true);
      this.onHint(); // of what came before it was open
    };
    socket.onmessage = () => this.onHint();
    socket.onclose = () => this.#lost();
  }

  close() {
    clearTimeout(this.#timer);
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = undefined;
  }

  /** The archive cannot be reached otherwise: a socket that seems to be open may not be. */
  doubt() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.close();
    this.#lost();
  }

  #lost() {
    this.#socket = undefined;
    this.onChange(false);
    if (this.#failures === 0) this.onHint(); // of a session that has ended, maybe
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.open(), wait * (0.5 + Math.random()));
  }
}
