// As much of a DICOM file as is needed before it is sent: that it is one, and its File Meta Information (PS3.10 Section 7.1).

const PREAMBLE = 128;
const HEAD = 2048;
/** VRs whose length has 32 bits (PS3.5 Section 7.1.2). */
const LONG = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10";
/** What the archive takes for a UID. */
const UID = /^[0-9A-Za-z][0-9A-Za-z.]{0,63}$/;

/** The first bytes: enough for `isDicom` and `identity`. */
export async function readHead(blob) {
  return new Uint8Array(await blob.slice(0, HEAD).arrayBuffer());
}

export function isDicom(head) {
  return ascii(head, PREAMBLE, 4) === "DICM";
}

/** Media Storage SOP Instance UID (0002,0003), "" where it is not found; and whether it is a DICOMDIR. */
export function identity(head) {
  const uids = fileMeta(head);
  const instance = uids.get(0x0003) ?? "";
  return { instance: UID.test(instance) ? instance : "", isDirectory: uids.get(0x0002) === MEDIA_STORAGE_DIRECTORY };
}

/** The texts of group 0002, by element. */
function fileMeta(head) {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const found = new Map();
  for (let at = PREAMBLE + 4; at + 12 <= head.length && view.getUint16(at, true) === 0x0002;) {
    const vr = ascii(head, at + 4, 2);
    const start = at + (LONG.has(vr) ? 12 : 8);
    const length = LONG.has(vr) ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    if (vr === "UI" && start + length <= head.length) {
      found.set(view.getUint16(at + 2, true), ascii(head, start, length).replace(/[\0 ]+$/, ""));
    }
    at = start + length;
  }
  return found;
}

function ascii(bytes, start, length) {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
