// Samples of a flow in the plane, played over a figure that shows them at one time: canvases while the time
// moves. The figure of the time at which it comes to rest is the server's.
/** @import { PlotAxes } from "./plot_axes.js" */
/** @import { Point, SampleMotion, SolverTrajectoriesContent } from "./types" */
import { Painter } from "./plane_paint.js";
import { Player } from "./player.js";
import { placeNode } from "./runtime.js";

const SAME = 5e-4; // two times that read the same

/**
 * Whose figure it is.
 *
 * @typedef {object} Owner
 * @property {PlotAxes} axes
 * @property {() => void} leave hide what is of one time alone
 * @property {() => void} stay show it again: nothing has changed
 * @property {(t: number) => void} ask for the figure of another time
 */

export class SamplePlayer {
  /** @type {SampleMotion | undefined} */
  #motion;
  /** Whether the canvases stand in the place of what is of one time. */
  #away = false;

  /** @param {Owner} owner */
  constructor(owner) {
    this.owner = owner;
    this.painter = new Painter();
    this.painter.node.hidden = true;
    this.player = new Player((t) => this.#showTime(t));
    this.player.node.style.display = "none";
    window.addEventListener("flowviz:playback", () => this.#rest());
  }

  /**
   * Take the room of the player, or leave it.
   *
   * @param {SolverTrajectoriesContent} content whose figure is about to be drawn
   */
  makeRoom({ motion }) {
    this.player.node.style.display = motion ? "" : "none";
  }

  /** @param {SolverTrajectoriesContent} content whose figure is drawn */
  update({ motion, style, texts }) {
    if (!motion) return;
    const first = this.#motion === undefined;
    this.#motion = motion;
    this.player.label(texts);
    this.painter.update(motion.flow, ["particles"], { ...motion.style, ...style });
    if (first) this.player.start(motion);
    else if (!this.player.moving && !this.#asked) this.player.set(motion.time);
    this.#return();
    if (this.player.moving) this.#showTime(this.player.t);
    this.align();
  }

  /** Put canvases and player where the axes are now. */
  align() {
    const { axes } = this.owner;
    if (!this.#motion || !axes.drawn) return;
    const { box, view } = axes;
    placeNode(this.painter.node, box);
    const [lowX, highX, lowY, highY] = this.#motion.flow.view;
    const shown = /** @type {Point[]} */ ([
      view[0].map((x) => (x - lowX) / (highX - lowX)),
      view[1].map((y) => (y - lowY) / (highY - lowY)),
    ]);
    this.painter.resize(box, shown);
    if (this.#away) this.painter.show(this.player.t);
  }

  /** Whether the time is not that of the figure. */
  get #asked() {
    return this.#away && Math.abs(this.player.t - (this.#motion?.time ?? 0)) > SAME;
  }

  /** @param {number} t */
  #showTime(t) {
    if (!this.#motion || (!this.#away && Math.abs(t - this.#motion.time) <= SAME)) return;
    if (!this.#away) {
      this.#away = true;
      this.painter.node.hidden = false;
      this.owner.leave();
    }
    this.painter.show(t);
  }

  /** The figure is that of the time again. */
  #return() {
    this.painter.node.hidden = true;
    this.#away = false;
  }

  /** The time has come to rest. */
  #rest() {
    if (!this.#motion || !this.#away || this.player.moving) return;
    if (this.#asked) return this.owner.ask(Number(this.player.t.toFixed(3)));
    this.#return();
    this.owner.stay();
  }
}
