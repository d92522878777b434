// The density under the fan, painted on a canvas behind Plotly's axes. Plotly's own heatmap trace
// takes 60 ms and more for 400 × 400 cells, at every change; this takes 3. The trace is kept for
// what is seldom: the figure that is downloaded.
import { element } from "./host.js";

export class Heat {
  constructor() {
    this.canvas = element("canvas", { className: "fv-heat" });
    this.node = element("div", { className: "fv-heat-frame" }, this.canvas);
  }

  /** Paint a heatmap trace with the layout's colour scale; cells without a value stay clear. */
  paint(trace, { colorscale, cmin, cmax }) {
    this.trace = trace;
    this.node.hidden = trace.visible === false;
    const [height, width] = [trace.z.length, trace.z[0].length];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
    }
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const cells = new Uint32Array(image.data.buffer);
    const colours = table(colorscale);
    const scale = 255 / (cmax - cmin);
    for (let i = 0; i < height; i++) {
      const row = trace.z[height - 1 - i]; // a canvas counts rows downwards
      for (let j = 0, k = i * width; j < width; j++, k++) {
        const p = row[j];
        if (p === p) cells[k] = colours[Math.min(255, Math.max(0, (p - cmin) * scale)) | 0];
      }
    }
    context.putImageData(image, 0, 0);
  }

  /** Put the picture where the axes are now: they may be zoomed, panned or resized. */
  place({ xaxis, yaxis }) {
    Object.assign(this.node.style, {
      left: `${xaxis._offset}px`,
      top: `${yaxis._offset}px`,
      width: `${xaxis._length}px`,
      height: `${yaxis._length}px`,
    });
    const { x, y } = this.trace;
    const [halfX, halfY] = [(x[1] - x[0]) / 2, (y[1] - y[0]) / 2];
    const left = xaxis.l2p(x[0] - halfX);
    const right = xaxis.l2p(x[x.length - 1] + halfX);
    const top = yaxis.l2p(y[y.length - 1] + halfY);
    const bottom = yaxis.l2p(y[0] - halfY);
    Object.assign(this.canvas.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
  }
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
function table(scale) {
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
