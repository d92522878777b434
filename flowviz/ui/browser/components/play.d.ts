// A scene as `flowviz/ui/play/block.py` packs it for the page that answers by itself.
import type { ColorScale } from "./plotly";
import type {
  Interval,
  Jumps,
  PlaneFlow,
  PlanePreviewTables,
  Point,
  PreviewTables,
  Rows,
  Starts,
  Texts,
  TimeConvention,
} from "./types";

/** What the page has of every scene, of the line or of the plane. */
export interface PlayBase {
  /** The name of its picture: `fan` or `plane`. */
  page: string;
  lang: string;
  /** Names of the languages, by their codes. */
  languages: Record<string, string>;
  texts: Record<string, Texts>;
  convention: TimeConvention;
  /** The theme of the link; empty for the browser's. */
  theme: "" | "light" | "dark";
  styles: Record<"light" | "dark", PlayStyle>;
  /** What the engine draws from; null where the picture is frozen. */
  engine: object | null;
  points: PlayPoints;
  trajectories: number;
  /** Numbers of trajectories to choose from. */
  launches: { count: number }[];
  /** Families that differ by their schedule, null for the scene's own; none where there is no choice. */
  schedules: { name: string; table: FamilyTable | null }[];
  schedule: string;
  prior: PlayPrior;
  /** Priors to choose from, each with the address of its page; empty where it is asked for by a query. */
  priors: { name: string; page: string }[];
  time: number;
  speed: number;
  /** The address of the whole application; empty where it is not known. */
  app: string;
  /** The parameters of the scene's link. */
  query: Record<string, string>;
  /** Their names for what can be changed; `params` begins those of the prior. */
  fields: Record<"points" | "trajectories" | "prior" | "params", string>;
  /** Whether the page is a file, and not at an address that holds its scene. */
  file: boolean;
  /** Whether the link could not be read in full. */
  damaged: boolean;
}
export interface PlayBlock extends PlayBase {
  engine: PlayTables | null;
  frozen: FrozenPicture | null;
  view: Interval;
  /** The lowest t shown, below 0. */
  gutter: number;
  /** The density at which its colours end. */
  ceiling: number;
  /** The end of the axis of p_t at one time. */
  panel: number;
  /** Whether p_t is infinite where the prior is. */
  infinite: boolean;
  show: Record<"heatmap" | "fan", boolean>;
  /** What the trajectories' colours mean. */
  by: PreviewTables["by"];
  /** Starts, for each number of trajectories. */
  launches: { count: number; starts: Starts }[];
  probe: Point | null;
}
/** `flowviz/ui/play/plane_block.py`. */
export interface PlanePlayBlock extends PlayBase {
  engine: PlanePlayTables | null;
  /** As the server packs it for the Plane. */
  frozen: PlaneFlow | null;
  views: string[];
  probe: [t: number, x: number, y: number] | null;
}
/** Times of the nodes are those of the linear schedule. */
export interface PlanePlayTables extends Omit<PlanePreviewTables, "nodes" | "family"> {
  family: FamilyTable;
  u: Float64Array;
}
/** A `SeriesTable` of a family, of the functions that are not 0 everywhere. */
export interface FamilyTable {
  edges: Float64Array;
  functions: number[];
  series: Float64Array;
}
/** Tables of the flow; all that follows from them at times is computed here. */
export interface PlayTables extends Pick<PreviewTables, "prior" | "cells" | "means"> {
  family: FamilyTable;
  /** Of the trajectories' nodes. */
  times: Float64Array;
  jumps: { at: number[]; height: number[]; times: Float64Array } | null;
}
export interface PlayPoints {
  x: number[];
  /** Of the plane. */
  y?: number[];
  w: number[];
  /** The letter of each one's class, empty for none; missing where no point has one. */
  labels?: string[];
}
/** Of figures, light or dark: `flowviz/figures/style.py`. */
export interface PlayStyle {
  accent: string;
  ground: string;
  ink: string;
  faint: string;
  grid: string;
  /** Of the data points, in turn. */
  points: string[];
  /** Of the trajectories' groups. */
  colours: string[];
  density: ColorScale;
}
export interface PlayPrior {
  name: string;
  /** Its own parameter of that name, or its median. */
  location: number;
  /** Its own parameter, or null. */
  scale: number | null;
  /** What is seen of it; of a coordinate. */
  range: Interval;
  /** Whether it can be moved. */
  movable: boolean;
  /** Its parameters in the link. */
  params: { key: string; values: number[] | string; role: "position" | "length" | "other" }[];
}
/** The core's own picture: trajectories (Q, T) one after the other, and the density's cells. */
export interface FrozenPicture {
  t: Float32Array;
  x: Float32Array;
  group: Int32Array;
  /** The data point that each trajectory reaches; null on a separatrix. */
  reached: (number | null)[];
  p: Rows;
  jumps: Jumps | null;
  /** p₁ at positions of the view. */
  prior: { x: Float32Array; p: Float32Array };
}
