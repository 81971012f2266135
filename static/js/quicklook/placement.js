// Where an image lies on the stage: how it is turned, how large it is, where its middle is. Geometry, without pixels.

const SMALLEST = 0.1;
const LARGEST = 40;

/** Fitted into the stage, upright. `zoom` counts from there; `x` and `y` are from the middle of the stage. */
export const UPRIGHT = { turns: 0, mirrored: false };
export const FITTED = { zoom: 1, x: 0, y: 0 };

export function turned(placement) {
  const { turns, x, y } = placement;
  return { ...placement, turns: (turns + 1) % 4, x: -y, y: x };
}

export function flippedAcross(placement) {
  const { turns, mirrored, x } = placement;
  return { ...placement, turns: (4 - turns) % 4, mirrored: !mirrored, x: -x };
}

export function flippedDown(placement) {
  const { turns, mirrored, y } = placement;
  return { ...placement, turns: (6 - turns) % 4, mirrored: !mirrored, y: -y };
}

export const moved = (placement, x, y) => ({ ...placement, x: placement.x + x, y: placement.y + y });

/** Larger or smaller; what is at a point of the stage, counted from its middle, stays there. */
export function zoomed(placement, factor, { x, y } = { x: 0, y: 0 }) {
  const zoom = Math.min(Math.max(placement.zoom * factor, SMALLEST), LARGEST);
  const by = zoom / placement.zoom;
  return { ...placement, zoom, x: x - (x - placement.x) * by, y: y - (y - placement.y) * by };
}

/** How many pixels of the stage one of the image has. */
export function scaleOf(placement, image, stage) {
  const [width, height] = placement.turns % 2 ? [image.height, image.width] : [image.width, image.height];
  return placement.zoom * Math.min(stage.width / width, stage.height / height);
}

/** The zoom at which a pixel of the image is one of the screen. */
export function zoomForPixels(placement, image, stage, density) {
  return 1 / density / scaleOf({ ...placement, zoom: 1 }, image, stage);
}

/** From pixels of the image to those of the stage. */
export function matrixOf(placement, image, stage) {
  const scale = scaleOf(placement, image, stage);
  return new DOMMatrix()
    .translate(stage.width / 2 + placement.x, stage.height / 2 + placement.y)
    .rotate(90 * placement.turns)
    .scale(placement.mirrored ? -scale : scale, scale)
    .translate(-image.width / 2, -image.height / 2);
}

const OPPOSITES = { R: "L", L: "R", A: "P", P: "A", H: "F", F: "H" };
const opposite = (letters) => [...letters].map((letter) => OPPOSITES[letter]).join("");

/**
 * Which part of the patient is at each side of the stage: top, right, bottom, left.
 * @param to where the rows and the columns of the image lead to, such as `["L", "P"]`
 */
export function sidesOf(placement, to) {
  const [across, down] = to;
  const ofImage = [opposite(down), across, down, opposite(across)];
  if (placement.mirrored) [ofImage[1], ofImage[3]] = [ofImage[3], ofImage[1]];
  return ofImage.map((_, side) => ofImage[(side - placement.turns + 4) % 4]);
}
