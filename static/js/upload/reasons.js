// Why something was not stored, or not just so, in plain words.

/** PS3.18 Table I.2-2, with the status codes that this archive adds. */
const FAILURES = new Map([
  [0xa700, "The archive had no room for it, or could not write it."],
  [0xa900, "It lacks an identifier that every object must have."],
  [0xa901, "It belongs to another study."],
  [0xc000, "It is damaged, or not all there: the archive cannot read it."],
  [0xc122, "The archive does not know its transfer syntax."],
  [0x0110, "The archive cannot process it: it may be too large, or contradict its study."],
  [0x0111, "Other content is stored under its identifier. What is stored has been kept."],
  [0x0122, "This archive does not store this kind of object."],
]);

/** PS3.18 Table I.2-1. */
const WARNINGS = new Map([
  [0xb000, "It was stored with the patient and study of the stored study, which it contradicted."],
  [0xb006, "It was stored without some attributes, which the archive discarded."],
  [0xb007, "It was stored, but its pixel data are not all there."],
]);

export const TOO_LARGE = "It is larger than the archive, or a proxy before it, takes.";
export const NOT_DICOM = "It is not DICOM.";
export const NESTED = "It is a zip archive in a zip archive: unpack the outer one, and upload this one by itself.";
export const DIRECTORY = "It is a DICOMDIR: a list of files, not one to store.";
export const BROKEN_OFF = "The connection broke off each time that it was sent.";

const hex = (code) => code.toString(16).toUpperCase().padStart(4, "0");

export function failure(code) {
  return FAILURES.get(code) ?? `The archive refused it (${hex(code)}).`;
}

export function warning(code) {
  return code === undefined ? "" : WARNINGS.get(code) ?? `It was stored with a warning (${hex(code)}).`;
}
