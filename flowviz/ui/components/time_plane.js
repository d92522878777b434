// What changes at every step of a hand, painted on canvases behind Plotly's axes: the density and
// the fan of trajectories. As Plotly traces they take 60 ms and 40 ms at every change; here 3 and 2.
// The traces are kept for what is seldom: the figure that is downloaded.
import { element } from "./runtime.js";

export class Plane {
  constructor() {
    this.cells = element("canvas", { className: "fv-cells" });
    this.lines = element("canvas", { className: "fv-lines" });
    this.node = element("div", { className: "fv-time-plane" }, this.cells, this.lines);
  }

  /** Take new traces: the density is painted at once, the fan when the axes are known. */
  update(heat, fans, scale) {
    this.heat = heat;
    this.fans = fans;
    this.cells.hidden = heat.visible === false;
    if (!this.cells.hidden) this.#paint(scale);
  }

  /** Paint the cells with the layout's colour scale; those without a value stay clear. */
  #paint({ colorscale, cmin, cmax }) {
    const { z } = this.heat;
    const [height, width] = [z.length, z[0].length];
    if (this.cells.width !== width || this.cells.height !== height) {
      Object.assign(this.cells, { width, height });
    }
    const context = this.cells.getContext("2d");
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = table(colorscale);
    const scale = 255 / (cmax - cmin);
    for (let i = 0; i < height; i++) {
      const row = z[height - 1 - i]; // a canvas counts rows downwards
      for (let j = 0, k = i * width; j < width; j++, k++) {
        const p = row[j];
        if (p === p) pixels[k] = colours[Math.min(255, Math.max(0, (p - cmin) * scale)) | 0];
      }
    }
    context.putImageData(image, 0, 0);
  }

  /** Put the picture where the axes are now: they may be zoomed, panned or resized. */
  place(axes) {
    const { xaxis, yaxis } = axes;
    size(this.node, xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    const { x, y } = this.heat;
    const [halfX, halfY] = [(x[1] - x[0]) / 2, (y[1] - y[0]) / 2];
    const left = xaxis.l2p(x[0] - halfX);
    const right = xaxis.l2p(x[x.length - 1] + halfX);
    const top = yaxis.l2p(y[y.length - 1] + halfY);
    const bottom = yaxis.l2p(y[0] - halfY);
    size(this.cells, left, top, right - left, bottom - top);
    this.#draw(axes);
  }

  #draw({ xaxis, yaxis }) {
    const sharp = window.devicePixelRatio || 1;
    const [width, height] = [xaxis._length, yaxis._length].map((v) => Math.round(v * sharp));
    if (this.lines.width !== width || this.lines.height !== height) {
      Object.assign(this.lines, { width, height });
    }
    const context = this.lines.getContext("2d");
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, width, height);
    context.lineJoin = "round";
    for (const { trace, nodes, count } of this.fans) {
      if (trace.visible === false) continue;
      context.strokeStyle = trace.line.color;
      context.lineWidth = trace.line.width;
      context.globalAlpha = trace.opacity;
      context.beginPath();
      const across = Array.from({ length: nodes }, (_, j) => xaxis.l2p(trace.x[j]));
      for (let q = 0; q < count; q++) {
        const first = q * (nodes + 1);
        context.moveTo(across[0], yaxis.l2p(trace.y[first]));
        for (let j = 1; j < nodes; j++) context.lineTo(across[j], yaxis.l2p(trace.y[first + j]));
      }
      context.stroke();
    }
  }
}

function size(node, left, top, width, height) {
  const box = { left, top, width, height };
  for (const [key, value] of Object.entries(box)) node.style[key] = `${value}px`;
}

/** A trace that draws nothing and carries the colour bar. */
export function colourBar({ cmin, cmax }, visible) {
  return {
    type: "scatter",
    mode: "markers",
    x: [null, null],
    y: [null, null],
    marker: { color: [cmin, cmax], coloraxis: "coloraxis" },
    hoverinfo: "skip",
    visible,
  };
}

/** 256 colours of a scale [[0, "#rrggbb"], …, [1, "#rrggbb"]], as a canvas stores them. */
export function table(scale) {
  const stops = scale.map(([at, hex]) => [at, [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16))]);
  const out = new Uint32Array(256);
  for (let i = 0, k = 0; i < 256; i++) {
    while (k < stops.length - 2 && i / 255 > stops[k + 1][0]) k++;
    const [[a, from], [b, to]] = [stops[k], stops[k + 1]];
    const part = (i / 255 - a) / (b - a);
    const [red, green, blue] = from.map((value, c) => Math.round(value + part * (to[c] - value)));
    out[i] = (255 << 24) | (blue << 16) | (green << 8) | red;
  }
  return out;
}

/** Index j and part such that t lies at nodes[j] + part·(nodes[j+1] − nodes[j]); nodes ascend. */
export function bracket(nodes, count, t) {
  let low = 0;
  let high = count - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (nodes[middle] <= t) low = middle;
    else high = middle;
  }
  const part = (t - nodes[low]) / (nodes[low + 1] - nodes[low]);
  return [low, Math.min(1, Math.max(0, part))];
}
