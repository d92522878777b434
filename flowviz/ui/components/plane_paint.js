// What fills the plane (x, y): basins and density as cells, trajectories as lines, and what moves
// with time, particles and arrows. Everything is in units of the view: (0, 0) bottom left, (1, 1)
// top right. `flow` is what `flowviz/ui/plane/view.py` packs.
import { element } from "./runtime.js";
import { bracket, table } from "./time_plane.js";

const SPAN = 65535; // codes of a track reach half a view beyond the view on every side

export class Painter {
  constructor() {
    const canvas = () => element("canvas");
    [this.basins, this.cells, this.lines, this.moving] = [canvas(), canvas(), canvas(), canvas()];
    this.node = element("div", { className: "fv-box" }, this.basins, this.cells, this.lines, this.moving);
    this.basins.hidden = true;
  }

  /** The canvases, from the ground up. */
  get layers() {
    return [this.basins, this.cells, this.lines, this.moving];
  }

  /** Take a new flow: what does not move with time is painted at once. */
  update(flow, views, style) {
    Object.assign(this, { flow, style, shown: new Set(views) });
    this.colours = table(style.density);
    [this.x, this.lonely] = [places(flow.tracks), places(flow.alone)];
    this.count = flow.colour.length;
    this.cells.width = this.cells.height = flow.cells;
    this.image = this.cells.getContext("2d").createImageData(flow.cells, flow.cells);
    this.cells.hidden = !this.shown.has("density");
  }

  size(width) {
    const sharp = window.devicePixelRatio || 1;
    this.width = width;
    for (const canvas of [this.lines, this.moving]) {
      const pixels = Math.round(width * sharp);
      if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
      canvas.getContext("2d").setTransform(sharp, 0, 0, sharp, 0, 0);
    }
    this.#paintLines();
  }

  /** The picture at time t. */
  show(t) {
    if (!this.flow || !this.width) return;
    if (this.shown.has("density")) this.#paintDensity(t);
    const context = this.moving.getContext("2d");
    context.clearRect(0, 0, this.width, this.width);
    if (this.shown.has("arrows")) this.#paintArrows(context, t);
    if (this.shown.has("particles")) this.#paintParticles(context, t);
  }

  /** The density of the brightest cell at t; null before the first frame, where it grows without
   * end; 0 where all of it is between two cells. */
  top(t) {
    const { t: times, tops } = this.flow;
    if (t < 0.999 * times[0]) return null;
    const [j, part] = bracket(times, times.length, t);
    return tops[j] && tops[j + 1] && tops[j] + part * (tops[j + 1] - tops[j]);
  }

  /** Two neighbouring frames, mixed. A cell that has no value in either is clear. */
  #paintDensity(t) {
    const { t: times, density, cells } = this.flow;
    const [j, part] = bracket(times, times.length, t);
    const size = cells * cells;
    const a = density.subarray(j * size, (j + 1) * size);
    const b = density.subarray((j + 1) * size, (j + 2) * size);
    const pixels = new Uint32Array(this.image.data.buffer);
    // Over basins the density shows as transparency, so that both can be read.
    const veil = this.shown.has("basins");
    for (let k = 0; k < size; k++) {
      if (a[k] === 0 && b[k] === 0) {
        pixels[k] = 0;
        continue;
      }
      const code = a[k] === 0 ? b[k] : b[k] === 0 ? a[k] : a[k] + part * (b[k] - a[k]);
      const colour = this.colours[code | 0];
      pixels[k] = veil ? (colour & 0xffffff) | (Math.min(225, code * 1.1) << 24) : colour;
    }
    this.cells.getContext("2d").putImageData(this.image, 0, 0);
  }

  /** Paint the basins; `map` as `flowviz/ui/plane/view.py` packs it, or null for none. */
  divide(map) {
    this.basins.hidden = !map;
    const { dark } = this.style;
    if (!map || (map === this.map && dark === this.dark)) return;
    Object.assign(this, { map, dark });
    const { codes, side } = map;
    this.basins.width = this.basins.height = side;
    const context = this.basins.getContext("2d");
    const image = context.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const opaque = (dark ? 120 : 105) << 24;
    const colours = this.style.basins.map((hex) => table([[0, hex], [1, hex]])[0] & 0xffffff | opaque);
    for (let k = 0; k < codes.length; k++) if (codes[k]) pixels[k] = colours[codes[k] - 1];
    context.putImageData(image, 0, 0);
  }

  #paintLines() {
    if (!this.flow) return;
    const context = this.lines.getContext("2d");
    context.clearRect(0, 0, this.width, this.width);
    context.lineJoin = "round";
    if (this.shown.has("lines")) {
      context.lineWidth = this.style.line * 0.8;
      context.globalAlpha = this.flow.lines.length > 80 ? 0.5 : 0.75;
      this.#stroke(context, this.x, (q) => q);
    }
    if (this.shown.has("straight") && this.lonely) {
      context.lineWidth = this.style.line * 0.8;
      context.globalAlpha = 0.8;
      context.setLineDash([2, 4]);
      this.#stroke(context, this.lonely, (q, row) => row);
      context.setLineDash([]);
    }
    context.globalAlpha = 1;
  }

  /** One path for each colour; trajectories come sorted by colour. `rowOf` says where each is. */
  #stroke(context, places, rowOf) {
    const { lines, colour, nodes } = this.flow;
    let last = -1;
    lines.forEach((q, row) => {
      if (colour[q] !== last) {
        if (last >= 0) context.stroke();
        last = colour[q];
        context.strokeStyle = this.style.basins[last];
        context.beginPath();
      }
      const first = 2 * rowOf(q, row) * nodes.length;
      for (let j = 0; j < nodes.length; j++) {
        const [x, y] = [places[first + 2 * j], places[first + 2 * j + 1]];
        if (j) context.lineTo(x * this.width, (1 - y) * this.width);
        else context.moveTo(x * this.width, (1 - y) * this.width);
      }
    });
    if (last >= 0) context.stroke();
  }

  #paintParticles(context, t) {
    const { nodes, colour } = this.flow;
    const [j, part] = bracket(nodes, nodes.length, t);
    const size = (this.count > 800 ? 1.9 : this.count > 200 ? 2.8 : 3.8) * (this.style.line > 2 ? 1.5 : 1);
    let last = -1;
    for (let q = 0; q < this.count; q++) {
      if (colour[q] !== last) {
        if (last >= 0) fill(context, this.style.ground);
        last = colour[q];
        context.fillStyle = this.style.basins[last];
        context.beginPath();
      }
      const k = 2 * (q * nodes.length + j);
      const x = (this.x[k] + part * (this.x[k + 2] - this.x[k])) * this.width;
      const y = (1 - this.x[k + 1] - part * (this.x[k + 3] - this.x[k + 1])) * this.width;
      context.moveTo(x + size, y);
      context.arc(x, y, size, 0, 7);
    }
    if (last >= 0) fill(context, this.style.ground);
  }

  #paintArrows(context, t) {
    const { t: times, arrows, arrow_side: side } = this.flow;
    const [j, part] = bracket(times, times.length, t);
    const frame = j + (part > 0.5 ? 1 : 0);
    const cell = this.width / side;
    context.strokeStyle = this.style.ink;
    context.lineWidth = this.style.line * 0.75;
    context.globalAlpha = 0.75;
    context.beginPath();
    for (let a = 0; a < side; a++) {
      for (let b = 0; b < side; b++) {
        const k = 2 * ((frame * side + a) * side + b);
        if (arrows[k] === 0 && arrows[k + 1] === 0) continue;
        const [dx, dy] = [(arrows[k] - 128) / 127, (128 - arrows[k + 1]) / 127];
        arrow(context, (a + 0.5) * cell, this.width - (b + 0.5) * cell, 0.42 * cell * dx, 0.42 * cell * dy);
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }
}

/** A shaft through (x, y), half a length on either side, and two barbs at its tip. */
function arrow(context, x, y, dx, dy) {
  context.moveTo(x - dx, y - dy);
  context.lineTo(x + dx, y + dy);
  for (const side of [1, -1]) {
    context.moveTo(x + dx, y + dy);
    context.lineTo(x + dx - 0.45 * dx + side * 0.3 * dy, y + dy - 0.45 * dy - side * 0.3 * dx);
  }
}

function fill(context, edge) {
  context.fill();
  context.lineWidth = 0.8;
  context.strokeStyle = edge;
  context.stroke();
}

/** Codes of a track in units of the view. A plain loop: `Float32Array.from` takes 20 times as long. */
function places(codes) {
  if (!codes) return codes;
  const out = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = (2 * codes[i]) / SPAN - 0.5;
  return out;
}
