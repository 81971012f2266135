// The file that an entry of a zip archive is, checked against what the archive says of it.
import { crc32 } from "./crc32.js";
import { Unusable } from "./errors.js";
import { packed } from "./zip.js";

const STORED = 0;
const DEFLATED = 8;

export async function unpack(archive, entry) {
  if (entry.encrypted) throw new Unusable("It is encrypted in the zip archive.");
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new Unusable(`It is compressed in the zip archive by a method that browsers do not know (${entry.method}).`);
  }
  const bytes = await packed(archive, entry);
  const stream = entry.method === STORED ? bytes.stream() : bytes.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  try {
    return await new Response(stream.pipeThrough(checked(entry))).blob();
  } catch (error) {
    throw error.name === "NotReadableError" ? error : new Unusable("It is damaged in the zip archive.");
  }
}

/** Passes on what has the size and the CRC-32 that the archive says, and not a byte more. */
function checked({ size, crc }) {
  let length = 0;
  let found = 0;
  return new TransformStream({
    transform(chunk, controller) {
      length += chunk.length;
      if (length > size) throw new Unusable("");
      found = crc32(chunk, found);
      controller.enqueue(chunk);
    },
    flush() {
      if (length !== size || found !== crc) throw new Unusable("");
    },
  });
}
