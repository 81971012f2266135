// What can become of a file, by the names that receipts have for it.

export const Result = Object.freeze({
  STORED: "stored",
  KNOWN: "known",
  REFUSED: "refused",
  FAILED: "failed",
  SKIPPED: "skipped",
});
