// What a class is told of its room: `flowviz/ui/rooms/said.py`.
import type { Texts } from "./types";

export interface RoomSaid {
  name: string;
  /** Whether there is no such room any more. */
  closed: boolean;
  /** Of the lesson, whose question is asked; 0 for none. */
  step: number;
  revealed: boolean;
  /** Whether those who have no scene of their own are led to the teacher's. */
  follow: boolean;
  /** The teacher's: its page, its link there, where its light page is (empty for none), a digest of it. */
  scene: { page: string; query: string; light: string; tag: string };
  /** Of the question: so many options, or none for a number that its field changes by `step`. */
  fields: { options: number; step: number; axis: "x" | "y" | "" }[];
  /** While a question is open of which an answer is a place: `flowviz/ui/rooms/sketch.py`. */
  sketch: RoomSketch | null;
  /** By language. */
  texts: Record<string, Texts>;
}
/** What is given in a question's figure, and what of it is covered. */
export interface RoomSketch {
  x: [number, number];
  y: [number, number];
  /** Of the horizontal axis, positions and texts, where they are not round numbers. */
  ticks: [number, string][];
  /** Whether both axes have one scale. */
  square: boolean;
  /** Data points: x, y, weight. */
  points: [number, number, number][];
  /** Curves, in thousandths of the figure from its upper left corner. */
  path: string;
  /** From x to x, from y to y. */
  covered: [number, number, number, number] | null;
  mark: [number, number] | null;
}
/** What a student's browser keeps of a room. */
export interface RoomKept {
  /** A random token. */
  student: string;
  /** Whether the scene is the student's own. */
  own: boolean;
  /** Locked answers, by step. */
  answers: Record<string, number[]>;
  /** When it was kept, in ms. */
  at: number;
}
