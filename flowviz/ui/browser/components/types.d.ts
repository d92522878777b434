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
  TitledFigure,
  Trace,
} from "./plotly";

// ------------------------------------------------------------------------------- a packed block

/** `codec.pack`: a header of JSON in which an array stands as `{"$": [offset, shape, kind]}`. */
export type ArrayKind = "f4" | "f8" | "i4" | "u1" | "u2" | "block" | "q16";
export interface PackedArray {
  $: [offset: number, shape: number[], kind: ArrayKind];
  /** Of the kind "q16": what one step is worth. */
  scale?: number | PackedArray;
  /** Of "u1" and "u2": each code is less the one so many before it. */
  since?: number;
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
  update(content: C, send?: ComponentArgs<C>["setStateValue"]): void | Promise<void>;
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
  /** Of an axis, with {axis}, {low} and {high}. */
  range: string;
  /** Answers that are places on the figure's axes. */
  places?: Places;
}
export interface Places {
  /** The name of the form that they answer. */
  form: string;
  marks: PlaceMark[];
}
export interface PlaceMark {
  /** Of the answer in the form. */
  k: number;
  axis: "x" | "y";
  /** Null where nothing was put. */
  value: number | null;
  label: string;
  /** What is said of one that is not put. */
  unput: string;
}

/** `flowviz/ui/fan/view.py`. */
export interface FanContent extends NumberedContent, Playback {
  /** Name of the density in the store. */
  density: string;
  zoom: number[] | null;
  figure: FanFigure;
  /** Name of the engine's tables in the store; null where the server alone draws the scene. */
  engine: string | null;
  /** Digest of all of the figure that is not the flow: while it stays, Plotly is not asked. */
  frame: string;
  weights: number[];
  query: Point | null;
  card: Card | null;
  kernel: KernelTables | null;
  legend: { low: string; high: string; colours: string[] } | null;
  history: Record<"undo" | "redo", boolean>;
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
export interface FanTraces extends DensityEdges {
  heat: HeatTrace;
  points: PointsTrace;
  arrows: LineTrace | undefined;
  fans: Fan[];
}
/** What cells do not show of a density. */
export interface DensityEdges {
  jumps: Jumps | null;
  /** Whether p_t is infinite where the prior is. */
  infinite: boolean;
}
/** `core/field/cells.py`: K edges at J times, x and height one edge after the other. */
export interface Jumps {
  t: Float32Array;
  x: Float32Array;
  height: Float32Array;
}
/** Trajectories of one colour: `count` polylines of `nodes` points, NaN after each. */
export interface Fan {
  trace: LineTrace;
  nodes: number;
  count: number;
}

/** `flowviz/ui/plane/view.py`. */
export interface PlaneContent extends NumberedContent, Playback, FlowContent {
  /** Name of the flow in the store. */
  flow: string;
  /** Name of the engine's tables in the store; null where the server alone draws the scene. */
  engine: string | null;
  /** Name of the basin map in the store; null where none is shown. */
  basins: string | null;
  points: FlowPoints & { w: number[] };
  history: Record<"undo" | "redo", boolean>;
  query: PlaneQuery | null;
  large: boolean;
  tools: Record<ToolName | "write", [label: string, help: string]>;
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
  card?: Card | null;
}
/** The answer at the query point, written out: `query_card` in Python. */
export interface Card {
  values: string[];
  /** Data points with the largest posterior weights. */
  bars: { name: string; share: number; text: string; colour: string }[];
}
/** What a stage shows, and what it says in Plotly's mode bar. */
export interface StageContent extends Content {
  figure: Figure;
  /** Digest of what of the figure does not move. */
  frame: string;
  texts: Texts;
  /**
   * Of the page's own picture alone: what the link shows of its axes, low x, high x, low y, high y;
   * null for all.
   */
  zoom?: number[] | null;
}
/** `mount.still`. */
export interface StillContent extends StageContent {
  style: Record<"accent" | "ground" | "ink", string>;
}
/** A flow over the plane: `flow_picture.js`. */
export interface FlowContent extends StageContent {
  /** Traces without their arrays, which are the flow's: `plane_figure.js`. */
  figure: Figure;
  views: string[];
  points: FlowPoints;
  style: PlaneStyle;
}
export interface FlowPoints {
  x: number[];
  y: number[];
  size: number[];
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
  saved(): TitledFigure;
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
  /** Of the data points, in turn. */
  basins: string[];
  /** Of the basin map. */
  map: string[];
  density: ColorScale;
  line: number;
  font: number;
}
/** What the Plane shows. */
export interface PlaneFlow extends PaintedFlow {
  reached: ArrayLike<number>;
  decades: number;
}
/** What the canvases of a plane paint, and Plotly at rest. */
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
  /** Index of the data point that each trajectory reaches. */
  reached?: ArrayLike<number>;
  /** Density on the trajectories, where it is not that of the cells. */
  p?: Float32Array;
  /** Of a logarithmic scale of the density; 0 for a linear one. */
  decades?: number;
}
export interface BasinMap {
  /** 1 + the index of a colour; 0 for none. Rows from the top. */
  codes: Uint8Array;
  side: number;
}

/** `flowviz/ui/green`: handles on a figure (`view.py`), or a density to play (`density.py`). */
export interface DensityChartContent extends NumberedContent, StageContent, Partial<Playback> {
  handles?: ChartHandle[];
  /** Whether a line at the time is played. */
  playable?: boolean;
  slice?: DensitySlice;
  large: boolean;
  style: Record<"accent" | "ground" | "ink", string>;
}
/** What p_t at one time is drawn from, beside the heatmap. */
export interface DensitySlice extends DensityEdges {
  /** The data point. */
  x0: number[];
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
/** `flows.js`: the flows of `flowviz/ui/learn/flows.py` and of `flowviz/ui/green/density.py`. */
export interface FlowsContent extends NumberedContent, Playback {
  panels: PanelContent[];
  large: boolean;
  style: PlaneStyle;
  texts: Texts;
}
/** `mount.flow_panel`. */
export interface PanelContent {
  figure: Figure;
  /** Digest of the figure. */
  frame: string;
  flow: PaintedFlow | null;
  /** Digest of the flow. */
  name: string;
  views: string[];
  /** The scale of its density. */
  colours: ColorScale;
  points: FlowPoints;
  title: string;
  alt: string;
  /** What is said where there is no flow. */
  empty: string;
  /** Before the highest density; nothing where it is empty. */
  top: string;
  /** Its caption. */
  texts: Texts;
}

/** `flowviz/ui/solvers/view.py`. */
export interface SolverTrajectoriesContent extends NumberedContent {
  figure: Figure;
  square: boolean;
  query: Point | null;
  card: Card | null;
  /** In the plane, what is played; null where there is nothing to play. */
  motion?: SampleMotion | null;
  style: Record<"accent" | "ground" | "ink", string>;
  texts: Texts;
}
export interface SampleMotion extends Playback {
  flow: PaintedFlow;
  style: Pick<PlaneStyle, "dark" | "basins" | "map" | "density" | "line">;
}

/** `mount.preload`: what is sent apart, under a key and a name. */
export interface StoredContent {
  key: string;
  name: string;
  flow: unknown;
}

/** `mount_controls.copy_link`: JSON, not a block. */
/** `flowviz/text/streamlit.py`. */
export interface StreamlitTexts {
  /** Of what has none. */
  names: Record<string, string>;
  /** By Streamlit's own. */
  words: Record<string, string>;
  /** Names of buttons with `{name}` for what follows, by how Streamlit's begin. */
  starts: Record<string, string>;
}
export interface LinkContent {
  /** When the query became what it is, in ms; never less than before. */
  since: number;
  query: string;
  streamlit: StreamlitTexts;
  texts: { copy: string; copied: string; refused: string };
  share: ShareContent;
  lang: string;
  dark: boolean;
}
/** `mount_controls.present`, `present.js`: JSON, not a block. */
export interface PresentContent {
  /** Whether the page is presented. */
  on: boolean;
  /** Of the last message that was received. */
  rev: number;
  step: LessonPlace | null;
  /** Whether the answer to the question of the page's link is shown; null without one. */
  shown: boolean | null;
  /** Whether the page has cards, from one to the other of which the arrows go. */
  cards: boolean;
  /** The keys, and what they do. */
  keys: [string, string][];
  notes: NotesContent | null;
  texts: Texts;
  /** Of the window of the notes. */
  address: string;
}
/** `flowviz/ui/present/notes.py`, and what `notes.js` is sent. */
export interface NotesContent {
  lang: string;
  title: string;
  /** Headings and texts. */
  parts: [string, string][];
  texts: Texts;
}
export interface LessonPlace {
  at: number;
  count: number;
  /** The steps whose answers are shown. */
  revealed: number[];
}
/** What is asked of the server; all that it has not yet confirmed. */
export interface PresentWish {
  on?: boolean;
  step?: number;
  revealed?: boolean;
  px?: number;
}
/** `share.js`. */
/** The key of a class room, which the tab keeps while the page is open and over a reload. */
export interface RoomKeyContent {
  held: { name: string; key: string } | null;
  texts: Texts;
}
/** What rests, whether all is said of it, and after how many milliseconds the rest is asked for. */
export interface RestContent {
  name: string;
  answered: boolean;
  wait: number;
}
export interface ShareContent {
  /** The page's name. */
  page: string;
  texts: Texts;
}
/** `flowviz/ui/share/routes.py`: null where no short link can be made. */
export interface ShortLink {
  code: string | null;
  /** As SVG. */
  qr: string | null;
}

/** `flowviz/ui/takeaway/menu.py`: the button, and what the menu offers when it is opened. */
export interface TakeAwayContent {
  /** Of the page's menu and files, up to their names. */
  address: string;
  dark: boolean;
  texts: Texts;
}
export interface TakeAwayItem {
  name: string;
  label: string;
  help: string;
  /** The file's name; empty for what is opened and not saved. */
  file: string;
  /** Where it is, if it is not at the menu's own address. */
  href: string;
}
export interface TakeAwayGroup {
  title: string;
  items: TakeAwayItem[];
  notes: string[];
}
export interface TakeAwayMenu {
  /** Of the files' names. */
  stem: string;
  groups: TakeAwayGroup[];
  embed: { label: string; markup: string; note: string };
}

/** `flowviz/ui/images/own.py`: the grid in which an image is drawn. */
export interface PixelGridContent {
  texts: Texts;
}

// ----------------------------------------------------------- tables of the flow: `flowviz/ui/engine`

/** `core/numerics/chebyshev.py`: intervals of w, and Chebyshev coefficients of each function on each. */
export interface SeriesTable {
  edges: Float64Array;
  series: Float64Array;
}
/** Beyond its outer end it goes on along a straight line. */
export interface LogarithmTable extends SeriesTable {
  slope: number;
}
export interface SideTable {
  /** The end of the support, if there is one. */
  edge: number | null;
  scale: number;
  tail: LogarithmTable;
  density: LogarithmTable;
}
/** Of trajectories: x₁, and its smaller tail, F₁(x₁) or -S₁(x₁), also where that is -0. */
export interface Starts {
  x1: Float64Array;
  tail: Float64Array;
}
export interface DistributionTables {
  median: number;
  left: SideTable;
  right: SideTable;
}

export type RadialTable = Omit<SideTable, "tail"> & { centre: number };
/** `flowviz/ui/engine/plane.py`: a density of the plane by one of its forms, the others null. */
export interface PlanePriorTables {
  /** Of a coordinate, where both are independent. */
  product: DistributionTables | null;
  /** Of the distance from (centre, centre), where it depends on nothing else; no tail. */
  radial: RadialTable | null;
  /** Σ_k w_k N(z; m_k, Σ_k): mean x, mean y, scale x, scale y, correlation, weight of each. */
  gaussians: Float64Array | null;
  /** Whether log p₁ has two derivatives everywhere. */
  smooth: boolean;
  /** Half the width of the middle half of a coordinate. */
  half: number;
  /** Modes: outside [low, high] a coordinate's density decreases outwards; null if it is log-concave. */
  modes: { low: number; high: number; width: number } | null;
}
/** `flowviz/ui/widgets/prior_sliders.py`: the sliders that move or stretch the prior. */
export interface PriorMotion {
  /** The prior and what of it they leave. */
  of: string;
  sliders: PriorSlider[];
}
/** z = a + b y: at a value v a slider adds shift·v to a and stretch·v to b. */
export interface PriorSlider {
  /** Its container's class. */
  key: string;
  /** Of the prior whose tables these are. */
  value: number;
  shift: number;
  stretch: number;
}
/** What previews under the hand have besides; the light page has not. */
export interface Followed {
  motion?: PriorMotion;
}
/** `flowviz/ui/plane/preview.py`. */
export interface PlanePreviewTables extends Followed {
  prior: PlanePriorTables;
  family: SeriesTable;
  /** Starts, (Q, 2). */
  x1: Float64Array;
  nodes: Pick<NodeTable, "t" | "u" | "scale">;
  /** Times of the density's frames, and cells a side, over which view. */
  t: number[];
  cells: number;
  view: PaintedFlow["view"];
  /** Whether p_t > 0 in the whole plane. */
  positive: boolean;
  decades: number;
  /** Of the data points, in turn: how many. */
  colours: number;
  /** Trajectories drawn as lines, at most. */
  lines: number;
}
/** Straight-line times, scales and shifts at times t. */
export interface NodeTable {
  t: Float64Array;
  u: Float64Array;
  scale: Float64Array;
  shift: Float64Array;
}
/** `flowviz/ui/fan/preview.py`. */
export interface PreviewTables extends Followed {
  prior: DistributionTables;
  family: SeriesTable;
  starts: Starts;
  nodes: NodeTable;
  /** Of the density: how many in time and in x, over which view. */
  cells: [number, number];
  view: Interval;
  /** Of a cell and its neighbours in its mean; none for values at the centres: `mean_weights` of the core. */
  means: number[];
  /** Where it jumps, by how much, and the times at which that is asked for. */
  jumps: { at: number[]; height: number[]; nodes: NodeTable } | null;
  colours: string[];
  /** The colour of trajectories on a separatrix. */
  faint: string;
  by: "basin" | "x1";
  /** Where trajectories start: `launch` of the core. */
  launch?: "steps" | "probability";
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
    /** The page's picture is zoomed so, as the link writes it; or not, and it is empty. */
    "flowviz:zoom": CustomEvent<string>;
    /** What is shown once, under this name, has been seen. */
    "flowviz:seen": CustomEvent<string>;
    /** Something has arrived in the store, under this key. */
    "flowviz:stored": CustomEvent<string>;
  }
}
