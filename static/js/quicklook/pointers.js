// Mouse, pen and fingers on the stage. What they mean is said to `act`.

/** Pixels that a finger goes for one image, and that a wheel turns. */
const SWIPE = 14;
const WHEEL = 50;
/** Of their distance, by which two fingers come closer or part before that is a pinch. */
const PINCH = 0.12;
const TOGETHER = 12;

/**
 * @param act `scroll(images)`, `zoom(factor, point)`, `move(x, y)`, `drag(x, y)` for what the chosen tool does,
 *   `window(x, y)`, `release()`; `tool()` is "window" or "move". Points count from the middle of the stage.
 */
export function listen(stage, act) {
  const down = new Map();
  let two = null;
  let swiped = 0;
  let turned = 0;

  const pointOf = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("a, button, video, iframe") || event.button > 1) return;
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { ...pointOf(event), moves: event.button === 1 || event.shiftKey });
    two = down.size === 2 ? begun() : null;
    swiped = 0;
    if (event.button === 1) event.preventDefault();
  });

  stage.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const point = pointOf(event);
    const [x, y] = [point.x - before.x, point.y - before.y];
    down.set(event.pointerId, { ...before, ...point });
    if (two) follow(x, y);
    else if (down.size > 1) return;
    else if (before.moves) act.move(x, y);
    else if (event.pointerType === "touch" && act.tool() === "window") swipe(y);
    else act.drag(x, y);
  });

  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => {
      if (!down.delete(event.pointerId)) return;
      two = null;
      act.release();
    });
  }

  function swipe(y) {
    swiped += y;
    const images = Math.trunc(swiped / SWIPE);
    if (images) act.scroll(images);
    swiped -= images * SWIPE;
  }

  function spread() {
    const [one, other] = [...down.values()];
    return { distance: Math.hypot(one.x - other.x, one.y - other.y) || 1, x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  }

  function begun() {
    const at = spread();
    return { ...at, first: at, meaning: null };
  }

  // What two fingers mean shows in what they do first.
  function follow() {
    const at = spread();
    if (Math.abs(at.distance / two.first.distance - 1) > PINCH) two.meaning ??= "pinch";
    else if (Math.hypot(at.x - two.first.x, at.y - two.first.y) > TOGETHER) two.meaning ??= "window";
    if (two.meaning === "pinch") {
      act.move(at.x - two.x, at.y - two.y);
      act.zoom(at.distance / two.distance, at);
    } else if (two.meaning === "window") act.window(at.x - two.x, at.y - two.y);
    two = { ...two, ...at };
  }

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const turn = event.deltaY * (event.deltaMode === 1 ? 40 : event.deltaMode === 2 ? 400 : 1);
    if (event.ctrlKey || event.metaKey) return act.zoom(Math.exp(-turn / 300), pointOf(event));
    turned = Math.sign(turned) === Math.sign(turn) ? turned + turn : turn;
    if (Math.abs(turned) < WHEEL) return undefined;
    act.scroll(Math.sign(turned));
    turned = 0;
    return undefined;
  }, { passive: false });
}
