// The sidebar's sliders of a prior while the hand moves them: Streamlit asks the server when they rest, and a
// picture need not wait for it. They are Streamlit's own, found by the class of their container.
/** @import { PriorSlider } from "./types" */
/** @import { Motion } from "./engine_motion.js" */

/** @type {Motion} */
export const REST = { shift: 0, stretch: 1 };

/**
 * How far a prior is moved when its sliders stand at other values: z = a + b y, of which each slider adds its
 * part to a and to b. Null where there is no such prior.
 *
 * @param {PriorSlider[]} sliders
 * @param {number[]} values
 * @returns {Motion | null}
 */
export function motionTo(sliders, values) {
  if (sliders.every(({ value }, k) => value === values[k])) return REST;
  const sum = (/** @type {"shift" | "stretch"} */ part, /** @type {number[]} */ at) =>
    sliders.reduce((total, slider, k) => total + slider[part] * at[k], 0);
  const from = sliders.map(({ value }) => value);
  const stretch = sum("stretch", values) / sum("stretch", from);
  if (!(stretch > 0 && stretch < Infinity)) return null;
  return { shift: sum("shift", values) - stretch * sum("shift", from), stretch };
}

export class PriorSliders {
  /** @type {Map<string, { value: number, step: number }>} what the hand has chosen, until the server has it */
  #held = new Map();

  /**
   * @param {() => PriorSlider[]} known of the tables that are drawn from
   * @param {() => void} act when one of them has been moved
   */
  constructor(known, act) {
    const observer = new MutationObserver((records) => {
      const moved = records.filter(({ target }) => this.#take(target, known()));
      if (moved.length > 0) act();
    });
    observer.observe(document.body, { subtree: true, attributeFilter: ["value"] });
  }

  /**
   * Whether this is one of the sliders, and the hand has moved it: the server moves others too.
   *
   * @param {Node} target
   * @param {PriorSlider[]} sliders
   */
  #take(target, sliders) {
    const isHeld = target instanceof HTMLInputElement && target === document.activeElement;
    if (!isHeld || target.type !== "range") return false;
    const slider = sliders.find(({ key }) => target.closest(`.${key}`));
    if (!slider) return false;
    this.#held.set(slider.key, { value: target.valueAsNumber, step: Number(target.step) });
    return true;
  }

  /**
   * How far the hand has moved the prior of these tables; null where there is no such prior.
   *
   * @param {PriorSlider[]} sliders
   * @returns {Motion | null}
   */
  motion(sliders) {
    const values = sliders.map(({ key, value }) => this.#held.get(key)?.value ?? value);
    return motionTo(sliders, values);
  }

  /**
   * Forget what the server has taken, and what is no more.
   *
   * @param {PriorSlider[]} sliders of the server's newest tables
   */
  settle(sliders) {
    for (const [key, { value, step }] of this.#held) {
      const slider = sliders.find((one) => one.key === key);
      if (!slider || Math.abs(slider.value - value) <= 0.5 * step) this.#held.delete(key);
    }
  }
}
