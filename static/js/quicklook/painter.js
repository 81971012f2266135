// Draws the picture onto the canvas, as sharp as the screen is.
import { matrixOf } from "./placement.js";

export class Painter {
  #canvas;
  #stage;
  #drawing = 0;

  constructor(canvas, stage) {
    this.#canvas = canvas;
    this.#stage = stage;
  }

  /** Width and height of the stage. */
  get box() {
    return { width: this.#stage.clientWidth || 1, height: this.#stage.clientHeight || 1 };
  }

  /**
   * Before the screen is next renewed.
   * @param what gives `picture`, or null for none; `size`, in which it has square pixels; `placement` and `inverted`
   */
  draw(what) {
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#paint(what());
    });
  }

  #paint({ picture, size, placement, inverted }) {
    const { box } = this;
    const density = devicePixelRatio;
    const [width, height] = [Math.round(box.width * density), Math.round(box.height * density)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext("2d");
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    this.#canvas.classList.toggle("inverted", inverted);
    if (!picture) return;
    context.setTransform(new DOMMatrix().scale(density).multiply(matrixOf(placement, size, box)));
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, size.width, size.height);
  }
}
