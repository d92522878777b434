// The part of Plotly's interface that the components use.
import type { Interval, Rows } from "./types";

/** In single precision from Python, in double from the engine. */
export type Floats = Float32Array | Float64Array;
/** Plotly's: [[0, "#rrggbb"], …, [1, "#rrggbb"]]. */
export type ColorScale = [at: number, hex: string][];
export interface Figure {
  data: Trace[];
  layout: Layout;
}
export interface Trace {
  type: string;
  name?: string;
  visible?: boolean;
  [option: string]: unknown;
}
export interface HeatTrace extends Trace {
  x: Floats;
  y: Floats;
  z: Rows;
  opacity: number;
}
export interface LineTrace extends Trace {
  /** Of a fan: the data point that each trajectory reaches; null on a separatrix. */
  meta: (number | number[] | null)[];
  /** p_t at each point. */
  customdata?: ArrayLike<number>;
  x: Floats;
  y: Floats;
  line: { color: string; width: number; dash?: string };
  opacity: number;
}
export interface PointsTrace extends Trace {
  y: Floats;
  marker: { size: ArrayLike<number>; color: string[] };
}
/** A trace of the Plane, to be filled; `meta` is the index of its colour. */
export interface PlaneTrace extends Trace {
  meta?: number;
  marker?: object;
}
export interface ColorAxis {
  colorscale: ColorScale;
  cmin: number;
  cmax: number;
  showscale?: boolean;
  colorbar?: ColorBar;
}
export interface ColorBar {
  title: { side?: string; text?: string };
  [option: string]: unknown;
}
export interface LayoutAxis {
  range: Interval;
  tickvals?: number[];
  ticktext?: string[];
  title?: { text: string };
  [option: string]: unknown;
}
export interface Layout {
  xaxis: LayoutAxis;
  yaxis: LayoutAxis;
  xaxis2?: LayoutAxis;
  yaxis2?: LayoutAxis;
  coloraxis: ColorAxis;
  margin: { l: number; r: number; t: number; b: number };
  font: { size: number };
  height?: number;
  [option: string]: unknown;
}
/** As it is saved. */
export interface TitledFigure extends Figure {
  layout: Layout & { title: { text: string } };
}
/** Not of Plotly's documented interface, which has no way from data to pixels: `plot_axes.js`. */
export interface PlotAxis {
  range: Interval;
  _offset: number;
  _length: number;
}
export interface FullLayout {
  xaxis?: PlotAxis;
  yaxis?: PlotAxis;
  xaxis2?: PlotAxis;
}
export interface PlotNode extends HTMLDivElement {
  _fullLayout?: FullLayout;
  on(
    event: "plotly_afterplot" | "plotly_relayout" | "plotly_relayouting",
    listener: () => void,
  ): void;
}
interface PlotlyFigure {
  data: Trace[];
  layout: object;
}
export interface Plotly {
  newPlot(node: HTMLElement, data: Trace[], layout: object, config: object): Promise<PlotNode>;
  react(node: HTMLElement, data: Trace[], layout: object, config: object): Promise<PlotNode>;
  relayout(node: HTMLElement, changes: object): Promise<PlotNode>;
  downloadImage(figure: PlotlyFigure, options: object): Promise<void>;
  Icons: Record<string, object>;
  Plots: { resize(node: HTMLElement): Promise<unknown> };
}
