// A family x = αx₀ + σx₁ + β from its table in w = log t (`flowviz/ui/engine/coefficients.py`).
/** @import { SeriesTable } from "./types" */
import { seriesAt } from "./engine_side.js";

export const FUNCTIONS = 6; // log u, s, β, t d(log σ)/dt, t ds/dt, t dβ/dt
const END = { u: 1, scale: 1, shift: 0 };

export class Family {
  /** @param {SeriesTable} table */
  constructor(table) {
    this.table = table;
    this.firstT = Math.exp(table.edges[0]);
  }

  /**
   * The straight-line time u, the scale α + σ and the shift β at t, the rate of log σ and the rates of the
   * other two; NaN before the table begins.
   *
   * @param {number} t
   */
  at(t) {
    const w = t < this.firstT ? Number.NaN : Math.log(t);
    const [u, scale, shift, growth, scaleRate, shiftRate] = Array.from(
      { length: FUNCTIONS },
      (_, f) => seriesAt(this.table, w, f, FUNCTIONS),
    );
    const rates = { growth: growth / t, scaleRate: scaleRate / t, shiftRate: shiftRate / t };
    return t === 1 ? { ...END, ...rates } : { u: Math.exp(u), scale, shift, ...rates };
  }
}
