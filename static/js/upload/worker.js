// Digests, and entries of zip archives, beside the page: it stays at hand meanwhile.
import { Unusable } from "./errors.js";
import { Sha256 } from "./sha256.js";
import { unpack } from "./unpack.js";

/** Of what is larger the browser's own digest would have to have all in memory. */
const LARGEST_WHOLE = 16 << 20;

const TASKS = { digest, unpack: ({ archive, entry }) => unpack(archive, entry) };

self.addEventListener("message", async ({ data: { id, task, argument } }) => {
  try {
    self.postMessage({ id, result: await TASKS[task](argument) });
  } catch (error) {
    self.postMessage({ id, problem: error instanceof Unusable ? error.message : "" });
  }
});

async function digest(blob) {
  if (self.crypto.subtle && blob.size <= LARGEST_WHOLE) return hex(await self.crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  const sha256 = new Sha256();
  const reader = blob.stream().getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) sha256.update(piece.value);
  return sha256.hex();
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
