// Messages from the components to Python.
import type { Coordinates, Point } from "./types";

/** What a drag, a click or a key asks for; `flowviz/ui/session/drag.py` receives it. A preview may
 * be overtaken by a newer message with the same `op` and `i`, anything else is kept. */
export type Message = Edit | Query | Time | { op: "rerun"; preview?: undefined; i?: undefined };
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
    | { op: "remove" | "undo" | "redo" }
    | { op: "write" | "brush"; at: Coordinates[] }
  );
export type Query = Envelope & { op: "query"; t?: number; x?: number; y?: number; at?: Point };
/** The time at which a player rests. */
export type Time = Envelope & { op: "time"; t: number };
/** As it is sent: numbered, so that the picture that answers it can say so. */
export type SentMessage = Message & { rev: number };
export type Send = (message: SentMessage) => void;
