// What the components exchange with Python, with Streamlit, with Plotly and with each other.
//
// Python decides: `flowviz/ui/browser/codec.py` packs a block, and each page's `view.py` says what
// its block holds. Here it is described for readers and for the type checker, for which what comes
// out of a block is otherwise `unknown`.

// ------------------------------------------------------------------------------- a packed block

/** `codec.pack`: a header of JSON in which an array stands as `{"$": [offset, shape, kind]}`. */
export type ArrayKind = "f4" | "i4" | "u1" | "u2" | "block" | "q16";
export interface PackedArray {
  $: [offset: number, shape: number[], kind: ArrayKind];
  /** Of the kind "q16": what one step is worth. */
  scale?: number;
}
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A point of a chart or of the data: one coordinate on a line, two in a plane. */
export type Coordinates = number[];
export type Point = [x: number, y: number];
export type Interval = [low: number, high: number];
/** A density's rows from the bottom, each an array; NaN where p_t = 0. */
export type Rows = ArrayLike<number>[];
/** Plotly's: [[0, "#rrggbb"], …, [1, "#rrggbb"]]. */
export type ColorScale = [at: number, hex: string][];

// ------------------------------------------------------------------- Streamlit's components, v2

/** What Streamlit calls a component's default export with, at each run that changes its data. */
export interface ComponentArgs<Data> {
  data: Data | null;
  parentElement: HTMLElement;
  /** Sends a value to Python and asks for a run; kept until the next one. */
  setStateValue(name: string, value: unknown): void;
}
export type Component<Data = Uint8Array> = (args: ComponentArgs<Data>) => void | Promise<void>;

/** One mounted component. */
export interface View<C extends Content> {
  update(content: C): void | Promise<void>;
}
export interface DragView<C extends NumberedContent> extends View<C> {
  readonly channel: import("./drag_channel.js").DragChannel;
  /** What is shown now. */
  content: C | undefined;
}

// -------------------------------------------------------------------------- from Python: content

export interface Content {
  /** Addresses of libraries: `mount.addresses`. */
  assets: { plotly: string };
  /** The direction of time that is shown; all times and rates of the content are in the core's. */
  convention: TimeConvention;
}
export type TimeConvention = "diffusion" | "flow_matching";
/** `Drag.with_serial`: what puts answers in order. */
export interface NumberedContent extends Content {
  /** The newest message that this picture answers. */
  ack: number;
  session: string;
  serial: number;
  /** The component is to ask for a rerun of the page once this picture is painted. */
  rerun_due: boolean;
}
export interface Playback {
  time: number;
  speed: number;
}
export type Texts = Record<string, string>;
export interface Figure {
  data: Trace[];
  layout: Layout;
}

export interface PlotContent extends Content {
  figure: Figure;
  label: string;
}

/** `flowviz/ui/fan/view.py`. */
export interface FanContent extends NumberedContent, Playback {
  /** Name of the density in the store. */
  density: string;
  figure: FanFigure;
  /** Digest of all of the figure that is not the flow: while it stays, Plotly is not asked. */
  frame: string;
  weights: number[];
  query: Point | null;
  kernel: KernelTables | null;
  legend: { low: string; high: string; colours: string[] } | null;
  undo: boolean;
  large: boolean;
  style: { accent: string; ground: string; ink: string };
  texts: Texts;
}
export interface FanFigure {
  data: (Trace | HeatTrace | LineTrace | PointsTrace)[];
  layout: Layout;
}
/** `compute.kernel`: log p₁ at z, and α, σ, α̇, σ̇ at the density's times. */
export interface KernelTables {
  z: Float32Array;
  log_p: Float32Array;
  schedule: Float32Array[];
}
export interface FanTraces {
  heat: HeatTrace;
  points: PointsTrace;
  arrows: LineTrace | undefined;
  fans: Fan[];
}
/** Trajectories of one colour: `count` polylines of `nodes` points, NaN after each. */
export interface Fan {
  trace: LineTrace;
  nodes: number;
  count: number;
}

/** `flowviz/ui/plane/view.py`. */
export interface PlaneContent extends NumberedContent, Playback {
  /** Traces without their arrays, which are the flow's: `plane_figure.js`. */
  figure: Figure;
  /** Digest of the figure's layout. */
  frame: string;
  /** Name of the flow in the store. */
  flow: string;
  /** Name of the basin map in the store; null where none is shown. */
  basins: string | null;
  points: { x: number[]; y: number[]; w: number[]; size: number[] };
  undo: boolean;
  query: PlaneQuery | null;
  large: boolean;
  views: string[];
  style: PlaneStyle;
  tools: Record<ToolName | "write", [label: string, help: string]>;
  texts: Texts;
}
export type ToolName = "points" | "brush" | "probe";
/** The query point with its arrows, of length 1 at most. */
export interface PlaneQuery {
  t: number;
  at: Point;
  /** Of the conditional velocities, largest posterior weights first. */
  arrows: Point[];
  /** Posterior weights. */
  posterior?: number[];
  /** Indices of the arrows' colours. */
  colours?: number[];
  marginal?: Point;
}
/** What a stage shows, and what it says in Plotly's mode bar. */
export interface StageContent extends Content {
  figure: Figure;
  /** Digest of what of the figure does not move. */
  frame: string;
  texts: Texts;
}
/** What a stage asks of the picture on it. */
export interface Picture {
  /** Set the stage's height. */
  measure(): void;
  /** Axes, titles, colour bar and all else that stays while something moves. */
  frame(): Figure;
  /** The whole figure as it stands. */
  figure(): Figure;
  /** The same as it is saved. */
  saved(): Figure & { name: string };
  /** Whether something is dragged, time plays, or an answer is due. */
  moving(): boolean;
  /** Put what lies over the plot where the axes are now. */
  alignLayers(): void;
  /** A visitor chose what a drag does. */
  onDragMode?(): void;
}
/** `mount.style`. */
export interface PlaneStyle {
  accent: string;
  ground: string;
  ink: string;
  faint: string;
  dark: boolean;
  basins: string[];
  density: ColorScale;
  line: number;
  font: number;
}
/** What the Plane shows. */
export interface PlaneFlow extends PaintedFlow {
  /** Index of the data point that each trajectory reaches. */
  reached: ArrayLike<number>;
  /** Of a logarithmic scale of the density; 0 for a linear one. */
  decades: number;
}
/** What the canvases of a plane paint. */
export interface PaintedFlow {
  /** low x, high x, low y, high y. */
  view: [number, number, number, number];
  /** Times of the frames and of the arrows. */
  t: number[];
  /** The density of each frame's largest code; null where it has no bound. */
  scale_max?: (number | null)[];
  /** Cells a side. */
  cells: number;
  /** Frames of cells as codes 1 … 255; 0 where p_t = 0. */
  density?: Uint8Array;
  /** Frames of arrows as codes 128 ± 127; (0, 0) where there is none. */
  arrows?: Uint8Array | null;
  arrow_side?: number;
  /** Times of the trajectories' nodes. */
  nodes: number[];
  /** Trajectories (Q, T, 2) as codes, and those of single points. */
  tracks: Uint16Array;
  straight?: Uint16Array | null;
  /** Index of each trajectory's colour. */
  colour: ArrayLike<number>;
  /** Indices of the trajectories that are drawn as lines. */
  lines: ArrayLike<number>;
}
export interface BasinMap {
  /** 1 + the index of a colour; 0 for none. Rows from the top. */
  codes: Uint8Array;
  side: number;
}

/** `flowviz/ui/green`: handles on a figure (`view.py`), or frames to play (`steps.py`). */
export interface DensityChartContent extends NumberedContent, Partial<Playback> {
  figure: Figure;
  handles?: ChartHandle[];
  frames?: SliceFrames | CellFrames;
  large: boolean;
  style: Record<"accent" | "ground" | "ink", string>;
  texts: Texts;
}
export interface ChartHandle {
  name: string;
  at: Point;
  colour: string;
  label: string;
  /** Coordinates that stay. */
  fixed?: [boolean, boolean];
  limits?: [Interval, Interval];
  /** Whether the first coordinate is a time, and no position. */
  over_time: boolean;
}
/** On a line: p_t at the time, read from the heatmap. */
export interface SliceFrames {
  kind: "line";
}
/** In a plane: cells as fractions of each frame's highest, and tracks (Q, T, 2) of particles. */
export interface CellFrames {
  kind: "plane";
  t: number[];
  rows: number;
  z: Rows;
  nodes: number[];
  count: number;
  tracks: Float32Array;
}

/** `flowviz/ui/learn/view.py`. */
export interface CompareContent extends NumberedContent, Playback {
  view: PlaneFlow["view"];
  nodes: number[];
  colour: number[];
  exact: PanelFlow | null;
  learned: PanelFlow | null;
  gap: Pick<PaintedFlow, "t" | "density" | "cells"> | null;
  points: { x: number[]; y: number[]; size: number[] };
  large: boolean;
  style: PlaneStyle & { gap: ColorScale };
  texts: Texts;
}
export type PanelFlow = Pick<PaintedFlow, "tracks" | "t" | "arrows" | "arrow_side">;
export type PanelName = "learned" | "exact" | "gap";

/** `flowviz/ui/solvers/view.py`. */
export interface SolverTrajectoriesContent extends NumberedContent {
  figure: Figure;
  square: boolean;
  query: Point | null;
  texts: Texts;
}

/** `mount.preload`: what is sent apart, under a key and a name. */
export interface StoredContent {
  key: string;
  name: string;
  flow: unknown;
}

/** `mount.copy_link`: JSON, not a block. */
export interface LinkContent {
  query: string;
  texts: { copy: string; copied: string; refused: string };
  lang: string;
  dark: boolean;
}

// ------------------------------------------------------------------------- to Python: messages

/** What a drag, a click or a key asks for; `flowviz/ui/session/drag.py` receives it. A preview may
 * be overtaken by a newer message with the same `op` and `i`, anything else is kept. */
export type Message = Edit | Query | { op: "rerun"; preview?: undefined; i?: undefined };
export interface Envelope {
  preview?: boolean;
  /** The point or handle that is moved. */
  i?: number | string;
  /** Sent at once, also while a preview is unanswered. */
  urgent?: boolean;
  /** How many points the sender saw: Python does nothing where it has another number. */
  n?: number;
}
export type Edit = Envelope &
  (
    | ({ op: "move" } & ({ x: number; y?: number } | { at: Coordinates }))
    | { op: "add"; x: number; y?: number }
    | { op: "weigh"; w: number }
    | { op: "remove" | "undo" }
    | { op: "write" | "brush"; at: Coordinates[] }
  );
export type Query = Envelope & { op: "query"; t?: number; x?: number; y?: number; at?: Point };
/** As it is sent: numbered, so that the picture that answers it can say so. */
export type SentMessage = Message & { rev: number };
export type Send = (message: SentMessage) => void;

// ---------------------------------------------------------------------- the data points' handles

export interface HandlePoints {
  at: Coordinates[];
  /** Diameters in pixels. */
  size: number[];
  colour: string[];
  weight: number[];
}
/** Where the handles stand. */
export interface HandleFrame {
  toPixel(at: Coordinates): Point;
  toData(event: MouseEvent): Coordinates;
  /** What is visible of each coordinate. */
  view(): Interval[];
}

// ------------------------------------------------------------------------ the part of Plotly used

export interface Trace {
  type: string;
  name?: string;
  visible?: boolean;
  [option: string]: unknown;
}
export interface HeatTrace extends Trace {
  x: Float32Array;
  y: Float32Array;
  z: Rows;
  opacity: number;
}
export interface LineTrace extends Trace {
  /** Of a fan: the data point that each trajectory reaches. */
  meta: number[];
  x: Float32Array;
  y: Float32Array;
  line: { color: string; width: number };
  opacity: number;
}
export interface PointsTrace extends Trace {
  y: Float32Array;
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
  colorbar?: { title: { side?: string }; [option: string]: unknown };
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
  coloraxis: ColorAxis;
  margin: { l: number; r: number; t: number; b: number };
  height?: number;
  [option: string]: unknown;
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
  react(node: HTMLElement, data: Trace[], layout: object, config: object): Promise<PlotNode>;
  relayout(node: HTMLElement, changes: object): Promise<PlotNode>;
  downloadImage(figure: PlotlyFigure, options: object): Promise<void>;
  Icons: Record<string, object>;
  Plots: { resize(node: HTMLElement): void };
}

// ---------------------------------------------------------------------------- between components

declare global {
  interface Window {
    Plotly?: Plotly;
    /** By key: what `density_store.js` holds, for all copies of that module. */
    flowvizStore?: Map<string, { name: string; flow: unknown }>;
  }
  interface WindowEventMap {
    /** The player stands at another time or speed, as the link writes them. */
    "flowviz:playback": CustomEvent<{ time: string; speed: string }>;
    /** Something has arrived in the store, under this key. */
    "flowviz:stored": CustomEvent<string>;
  }
}
