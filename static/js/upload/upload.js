// One upload: files are looked at, asked about and sent, some at a time. What is on the screen is no matter of this.
import { identity, isDicom, readHead } from "./dicom.js";
import { NotTaken, SignedOut, Unreachable, Unusable } from "./errors.js";
import { isPending, MOST_FILES, newItem, OPENED, Paths, take } from "./item.js";
import { pause } from "./pause.js";
import { reading } from "./reader.js";
import { BROKEN_OFF, DIRECTORY, NESTED, NOT_DICOM, TOO_LARGE } from "./reasons.js";
import { Result } from "./result.js";
import { onlyOutcome, outcomes } from "./store_answer.js";
import { entries, isZip } from "./zip.js";

/** Requests at once, and files that are ready to be sent besides. */
const PARALLEL = 3;
const AHEAD = 60;
/** Tries of a file whose request breaks although the archive answers others. */
const TRIES = 3;
/** Milliseconds between looks for an archive that does not answer: the first time, and at most. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export const Status = Object.freeze({
  RUNNING: "running",
  /** The archive does not answer; it is looked for. */
  WAITING: "waiting",
  SIGNED_OUT: "signed-out",
  CANCELLED: "cancelled",
  DONE: "done",
});

/** Tells of every change by a `change` event. */
export class Upload extends EventTarget {
  status = Status.RUNNING;
  /** Every file, see `item.js`; `result` is null until there is one. */
  items = [];
  /** Whether there were more files than one upload may have. */
  tooMany = false;
  #paths = new Paths();
  #waiting = [];
  #ready = [];
  #walking = 0;
  #preparing = false;
  #sending = 0;
  #stored = new Set(); // the digests of what has been
  #stopper = new AbortController();

  /** @param archive an `Archive`; @param reader a `Reader` */
  constructor(archive, reader) {
    super();
    this.archive = archive;
    this.reader = reader;
  }

  get isOpen() {
    return this.status === Status.RUNNING || this.status === Status.WAITING;
  }

  /** Whether files are still being found. */
  get isWalking() {
    return this.#walking > 0;
  }

  /** Upload what the source has: see `sources.js`. Returns once all of it has been found. */
  async add(source) {
    this.#walking += 1;
    for await (const { path, file } of source) {
      if (!this.#enqueue({ path, blob: file, size: file?.size ?? 0 })) break;
      this.#pump();
    }
    this.#walking -= 1;
    this.#pump();
  }

  /** Stop. What has been stored stays; the rest can be gone on with. */
  cancel() {
    this.#stop(Status.CANCELLED);
  }

  /** Go on with what has no result yet, and with what has failed. */
  resume() {
    const failed = this.items.filter((item) => item.result === Result.FAILED);
    failed.forEach((item) => Object.assign(item, { result: null, reason: "", tries: 0 }));
    this.#waiting.push(...failed);
    this.#stopper = new AbortController();
    this.#become(Status.RUNNING);
    this.#pump();
  }

  #stop(status) {
    this.#waiting.unshift(...this.#ready.splice(0));
    this.#stopper.abort();
    this.#become(status);
  }

  #become(status) {
    this.status = status;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #enqueue(file, at = this.#waiting.length) {
    this.tooMany ||= this.items.length >= this.archive.settings.mostFiles;
    if (this.tooMany) return false;
    const item = newItem({ ...file, path: this.#paths.unique(file.path) });
    this.items.push(item);
    this.#waiting.splice(at, 0, item);
    return true;
  }

  #settle(item, result, reason, study = "", instance = item.instance) {
    Object.assign(item, { result, reason, study, instance, sent: 0, alone: false });
    if (item.entry) item.blob = null; // it takes room, and can be unpacked again
    this.#changed();
  }

  /** Begin what can be begun. */
  #pump() {
    if (this.status !== Status.RUNNING) return;
    const enough = this.#waiting.length >= (this.#walking ? MOST_FILES : 1);
    if (!this.#preparing && enough && this.#ready.length < AHEAD) this.#prepare(take(this.#waiting));
    while (this.#sending < PARALLEL && this.#ready.length) this.#send(take(this.#ready));
    if (!this.#walking && !this.#preparing && !this.#sending) this.#become(Status.DONE);
    else this.#changed();
  }

  // -- looking at files, and asking for them

  async #prepare(batch) {
    const { signal } = this.#stopper;
    this.#preparing = true;
    try {
      for (const item of batch) {
        signal.throwIfAborted();
        await this.#look(item);
      }
      await this.#ask(batch.filter((item) => item.sha256 && isPending(item)));
      signal.throwIfAborted();
      this.#ready.push(...batch.filter(isPending));
    } catch (error) {
      this.#waiting.unshift(...batch.filter(isPending));
      this.#trouble(error);
    } finally {
      this.#preparing = false;
      this.#pump();
    }
  }

  /** Find out whether the file can be sent, and what it is; a zip archive gives its place to its entries. */
  async #look(item) {
    try {
      if (item.entry) item.blob ??= await this.reader.unpack(item.archive, item.entry);
      const head = await reading(() => readHead(item.blob));
      if (isZip(head) && !item.entry) return await this.#open(item);
      if (isZip(head) && /\.zip$/i.test(item.path)) return this.#settle(item, Result.REFUSED, NESTED);
      if (!isDicom(head)) return this.#settle(item, Result.SKIPPED, NOT_DICOM);
      const { instance, isDirectory } = identity(head);
      if (isDirectory) return this.#settle(item, Result.SKIPPED, DIRECTORY);
      if (item.size > this.archive.settings.largest) return this.#settle(item, Result.REFUSED, TOO_LARGE);
      item.instance = instance;
      if (instance && this.archive.settings.known) item.sha256 ||= await this.reader.digest(item.blob);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.#settle(item, Result.FAILED, error.message);
    }
    return undefined;
  }

  async #open(item) {
    const found = await reading(() => entries(item.blob));
    item.result = OPENED;
    this.items.splice(this.items.indexOf(item), 1);
    found.every((entry, number) =>
      this.#enqueue({ path: `${item.path}/${entry.name}`, size: entry.size, archive: item.blob, entry }, number));
  }

  /** What the archive has already need not be sent. */
  async #ask(files) {
    let studies;
    try {
      studies = await this.archive.known(files);
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      studies = []; // the archive finds out for itself
    }
    files.forEach((item, number) => {
      if (studies[number]) this.#settle(item, Result.KNOWN, "", studies[number]);
    });
  }

  // -- sending

  async #send(batch) {
    const { signal } = this.#stopper;
    this.#sending += 1;
    const progress = (part) => {
      batch.forEach((item) => { item.sent = item.size * part; });
      this.#changed();
    };
    try {
      this.#answered(batch, await this.archive.store(batch.map((item) => item.blob), { signal, progress }));
    } catch (error) {
      await this.#unsent(batch, error);
    } finally {
      this.#sending -= 1;
      this.#pump();
    }
  }

  #answered(batch, module) {
    const found = batch.length === 1 ? [onlyOutcome(module)] : outcomes(module, batch.map((item) => item.instance));
    batch.forEach((item, number) => {
      if (!found) return this.#again(item, { alone: true });
      const { result, reason, study, instance } = found[number];
      return this.#settle(item, this.#repeats(item, result) ? Result.KNOWN : result, reason, study, instance);
    });
  }

  /** Whether the same has been stored by this upload already: the archive takes it once more, and keeps one. */
  #repeats({ sha256 }, result) {
    if (result !== Result.STORED || !sha256) return false;
    const repeats = this.#stored.has(sha256);
    this.#stored.add(sha256);
    return repeats;
  }

  /** Nobody knows what became of these files. */
  async #unsent(batch, error) {
    for (const item of batch) {
      if (error instanceof Unreachable) await this.#retry(item);
      else if (!(error instanceof NotTaken)) this.#again(item);
      else if (batch.length > 1) this.#again(item, { alone: true });
      else this.#settle(item, Result.REFUSED, error.status === 413 ? TOO_LARGE : error.message);
    }
    this.#trouble(error);
  }

  /** The file itself may be the reason: it may be gone, or be what breaks every connection. */
  async #retry(item) {
    item.tries += 1;
    try {
      if (item.tries >= TRIES) throw new Unusable(BROKEN_OFF);
      await reading(() => readHead(item.blob));
      this.#again(item, { alone: item.tries > 1 });
    } catch (error) {
      this.#settle(item, Result.FAILED, error.message);
    }
  }

  #again(item, { alone = false } = {}) {
    Object.assign(item, { sent: 0, alone });
    (this.isOpen ? this.#ready : this.#waiting).unshift(item);
  }

  // -- when the archive is not there

  #trouble(error) {
    if (error instanceof SignedOut) this.#stop(Status.SIGNED_OUT);
    else if (error instanceof Unreachable && this.status === Status.RUNNING) this.#waitForArchive();
    else if (!(error instanceof Unreachable || error instanceof NotTaken || error.name === "AbortError")) throw error;
  }

  async #waitForArchive() {
    const { signal } = this.#stopper;
    this.#become(Status.WAITING);
    for (let milliseconds = FIRST_PAUSE; ; milliseconds = Math.min(2 * milliseconds, LONGEST_PAUSE)) {
      await pause(milliseconds, signal);
      if (signal.aborted) return undefined;
      try {
        await this.archive.reachable();
        break;
      } catch (error) {
        if (error instanceof SignedOut && !signal.aborted) return this.#stop(Status.SIGNED_OUT);
      }
    }
    if (signal.aborted) return undefined;
    this.#become(Status.RUNNING);
    return this.#pump();
  }
}
