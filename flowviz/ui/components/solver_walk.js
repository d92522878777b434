// A solver's walks: a Plotly figure that answers a click, or the arrow keys, with a place.
import { Channel } from "./drag_channel.js";
import { element, loadPlotly, unpack } from "./runtime.js";

const views = new WeakMap();
const STEPS = 50; // of the arrow keys, across the view
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export default async function walk({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  let view = views.get(parentElement);
  if (!view) {
    view = new WalkView(parentElement);
    views.set(parentElement, view);
  }
  view.channel.connect((word) => setStateValue("edit", { ...word, session: view.content.session }));
  await view.update(unpack(data));
  return undefined;
}

class WalkView {
  constructor(parent) {
    this.channel = new Channel(() => {});
    this.plot = element("div", { className: "fv-walk", tabIndex: 0, role: "img" });
    this.hint = element("div", { className: "fv-hint" });
    parent.append(this.plot, this.hint);
    this.plot.addEventListener("click", (event) => this.#click(event));
    this.plot.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#resize()).observe(this.plot);
  }

  async update(content) {
    this.Plotly = await loadPlotly(content.assets.plotly);
    // Answers may overtake each other while modules load: never go back to an older picture.
    if (content.session === this.content?.session && content.serial < this.content.serial) return;
    this.content = content;
    this.hint.textContent = content.words.hint;
    this.plot.setAttribute("aria-label", content.words.picture);
    await this.#draw();
    if (content !== this.content) return; // a newer picture came while this one was drawn
    this.channel.acknowledge(content.ack);
    this.plot.dataset.ack = content.ack;
    this.plot.dataset.serial = content.serial;
  }

  async #draw() {
    const { figure, square } = this.content;
    const layout = structuredClone(figure.layout);
    this.width = this.plot.clientWidth;
    // A square of the plane as wide as the page lets it be, and the line of times below it.
    if (square) layout.height = Math.min(1.2 * this.width, 0.85 * window.innerHeight, 900);
    await this.Plotly.react(this.plot, figure.data, layout, { displayModeBar: false });
  }

  async #resize() {
    if (!this.content || !this.plot.clientWidth || this.width === this.plot.clientWidth) return;
    await this.#draw();
    this.Plotly.Plots.resize(this.plot);
  }

  #click(event) {
    const axes = this.plot._fullLayout;
    if (!axes) return;
    const box = this.plot.getBoundingClientRect();
    const at = [axes.xaxis, axes.yaxis].map((axis, k) => {
      const pixel = (k ? event.clientY - box.top : event.clientX - box.left) - axis._offset;
      return pixel >= 0 && pixel <= axis._length ? axis.p2l(pixel) : null;
    });
    if (!at.includes(null)) this.#ask(at);
  }

  #key(event) {
    const move = MOVES[event.key];
    const axes = this.plot._fullLayout;
    if (!move || !axes) return;
    event.preventDefault();
    const ranges = [axes.xaxis.range, axes.yaxis.range];
    const from = this.asked ?? this.content.query ?? ranges.map(([a, b]) => (a + b) / 2);
    this.#ask(
      from.map((value, k) => {
        const [low, high] = ranges[k];
        return Math.min(high, Math.max(low, value + (move[k] * (high - low)) / STEPS));
      }),
    );
  }

  #ask(at) {
    this.asked = at;
    this.channel.say({ op: "query", at: at.map((value) => Number(value.toPrecision(5))) });
  }
}
