// What the components exchange with Python, with Streamlit, with Plotly and with each other.
//
// Python decides: `flowviz/ui/browser/codec.py` packs a block, and each page's `view.py` says what
// its block holds. Here it is described for readers and for the type checker, for which what comes
// out of a block is otherwise `unknown`.

import type {
  ColorScale,
  Figure,
  HeatTrace,
  Layout,
  LineTrace,
  Plotly,
  PointsTrace,
  Trace,
} from "./plotly";

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
