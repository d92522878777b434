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
  fields: { options: number; step: number }[];
  /** By language. */
  texts: Record<string, Texts>;
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
