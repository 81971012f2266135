// The stack: what is shown one after the other, and the addresses of its pictures.

/** Pictures are asked for in these sizes, so that what has been loaded serves again. */
const SIZES = [256, 512, 1024, 2048, 4096];
/** What has no size of its own is asked for in no larger one. */
const LARGEST = 2048;

/** Of the page's list, each frame of each instance: `{ entry, number }`. */
export function imagesOf(stack) {
  return stack.flatMap((entry) => Array.from({ length: entry.frames ?? 1 }, (_, at) => ({ entry, number: at + 1 })));
}

export const isPicture = ({ entry }) => ["image", "slide", "presented"].includes(entry.kind);

/** What is known of an image besides its pixels. */
export function factsOf({ entry, number }) {
  const facts = entry.facts ?? [];
  return facts[number - 1] ?? facts[0] ?? { lines: [], windows: [], by_window: false, to: null };
}

/** Milliseconds for which it is seen in a film. */
export function timeOf({ entry, number }) {
  const times = entry.times ?? [];
  return times[number - 1] ?? times[0] ?? 100;
}

/** Width and height in square pixels; null where only the picture says that. */
export function sizeOf({ entry }) {
  return entry.kind === "image" ? { width: entry.columns, height: entry.rows * entry.aspect } : null;
}

/** The size to ask for, to see `pixels` along the longer side; null for the image's own. */
export function sizeFor(image, pixels) {
  const size = SIZES.find((one) => one >= pixels) ?? SIZES.at(-1);
  const own = sizeOf(image);
  if (own) return size < Math.max(own.width, own.height) ? size : null;
  return Math.min(size, LARGEST);
}

/**
 * The address of a picture.
 * @param {string} root of the instances of the series
 * @param wanted `size` as that of `sizeFor`, `window`, `overlays`; `draft` for one that is soon replaced.
 */
export function addressOf(root, image, { size, window, overlays, draft }) {
  const { entry, number } = image;
  if (entry.kind === "presented") return `${entry.url}&rows=${size}&columns=${size}`;
  const query = new URLSearchParams();
  if (!draft) query.set("v", entry.v);
  if (size) query.set("viewport", `${size},${size}`);
  if (entry.kind === "slide") return `${root}/${entry.uid}/thumbnail?${query}`;
  if (window && entry.gray) query.set("window", `${window.center},${window.width},${window.shape}`);
  if (overlays && entry.overlays) query.set("annotation", "overlays");
  if (draft) query.set("quality", "60");
  return `${root}/${entry.uid}${entry.several ? `/frames/${number}` : ""}/rendered?${query}`;
}
