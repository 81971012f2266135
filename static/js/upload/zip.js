// Zip archives (APPNOTE.TXT 6.3): what is in them, found without reading more than their directory.
import { Unusable } from "./errors.js";

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
/** A directory that is larger is not read into memory. */
const LARGEST_DIRECTORY = 64 << 20;

const DAMAGED = "The zip archive is damaged, or not all there.";

export function isZip(head) {
  return head.length >= 4 && new DataView(head.buffer, head.byteOffset).getUint32(0, true) === LOCAL_HEADER;
}

/** The files of a zip archive: `{name, size, compressed, method, crc, encrypted, offset}`. */
export async function entries(blob) {
  const { offset, length } = await directory(blob);
  if (length > LARGEST_DIRECTORY) throw new Unusable("There are too many files in the zip archive.");
  const view = await read(blob, offset, length);
  const found = [];
  for (let at = 0; at + 46 <= length && view.getUint32(at, true) === DIRECTORY_ENTRY;) {
    const names = view.getUint16(at + 28, true);
    const extra = view.getUint16(at + 30, true);
    const next = at + 46 + names + extra + view.getUint16(at + 32, true);
    if (next > length) throw new Unusable(DAMAGED);
    const entry = directoryEntry(view, at, names, extra);
    if (!entry.name.endsWith("/")) found.push(entry);
    at = next;
  }
  return found;
}

/** The bytes of an entry as they are in the archive. */
export async function packed(blob, entry) {
  const header = await read(blob, entry.offset, 30);
  if (header.getUint32(0, true) !== LOCAL_HEADER) throw new Unusable(DAMAGED);
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.compressed > blob.size) throw new Unusable(DAMAGED);
  return blob.slice(start, start + entry.compressed);
}

async function directory(blob) {
  const start = Math.max(0, blob.size - END_LENGTH - LONGEST_COMMENT);
  const view = await read(blob, start, blob.size - start);
  let at = view.byteLength - END_LENGTH;
  while (at >= 0 && view.getUint32(at, true) !== END) at--;
  if (at < 0) throw new Unusable(DAMAGED);
  const locator = at - 20;
  if (locator >= 0 && view.getUint32(locator, true) === ZIP64_LOCATOR) {
    const end = await read(blob, large(view, locator + 8), 56);
    if (end.getUint32(0, true) !== ZIP64_END) throw new Unusable(DAMAGED);
    return { length: large(end, 40), offset: large(end, 48) };
  }
  return { length: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
}

function directoryEntry(view, at, names, extra) {
  const flags = view.getUint16(at + 8, true);
  const entry = {
    encrypted: (flags & 1) !== 0,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    compressed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
    name: text(new Uint8Array(view.buffer, at + 46, names)),
  };
  for (let field = at + 46 + names, end = field + extra; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) === 0x0001) widen(entry, view, field + 4);
  }
  return entry;
}

/** The Zip64 extended information has those of these that do not fit into 32 bits, in this order. */
function widen(entry, view, at) {
  for (const name of ["size", "compressed", "offset"]) {
    if (entry[name] !== 0xffffffff) continue;
    if (at + 8 > view.byteLength) throw new Unusable(DAMAGED);
    entry[name] = large(view, at);
    at += 8;
  }
}

/** Names are UTF-8, whether they say so or not, or of an age that nobody knows the character set of. */
function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

const large = (view, at) => Number(view.getBigUint64(at, true));

async function read(blob, offset, length) {
  if (offset + length > blob.size) throw new Unusable(DAMAGED);
  return new DataView(await blob.slice(offset, offset + length).arrayBuffer());
}
