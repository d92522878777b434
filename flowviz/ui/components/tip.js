// What stands beside the pointer: t, x, p_t, and where the family is a lens f_t and the likeliest
// data points with their posterior weights. Read from tables that Python made (`compute.kernel`):
// to three digits, for a glance. A click asks for the exact numbers.
import { element } from "./host.js";
import { fixed, number, percent, written } from "./number.js";
import { bracket } from "./plane.js";

const LISTED = 3;

export class Tip {
  constructor() {
    this.node = element("div", { className: "fv-tip", hidden: true });
  }

  hide() {
    this.node.hidden = true;
  }

  /**
   * @param at (t, x) under the pointer
   * @param heat the density, rows of x
   * @param kernel the tables, or null; see `compute.kernel`
   * @param points {x0, weight}: positions and weights
   * @param words of the picture
   */
  show([t, x], heat, kernel, points, words) {
    const j = nearest(heat.x, t);
    const i = nearest(heat.y, x);
    const cell = heat.z[i][j];
    const nowhere = Number.isNaN(cell);
    const seen = kernel && !nowhere && reading(kernel, points, bracket(heat.x, heat.x.length, t), x);
    const p = seen ? seen.density : cell;
    const place = `t = ${fixed(t, 3)}  x = ${fixed(x, 3)}  `;
    const lines = [place + (nowhere ? words.nowhere : `p = ${number(p)}`)];
    if (seen) {
      lines[0] += `  f = ${number(seen.velocity)}`;
      lines.push(...seen.shares.map(([x0, share]) => `${percent(share)}  → ${written(Number(x0.toFixed(4)))}`));
    }
    this.node.textContent = lines.join("\n");
    this.node.hidden = false;
  }

  place(event, box) {
    const left = Math.min(event.clientX - box.left + 14, box.width - this.node.offsetWidth - 4);
    const above = event.clientY - box.top - this.node.offsetHeight - 10;
    this.node.style.transform = `translate(${left}px, ${Math.max(above, 0)}px)`;
  }
}

/** p_t(x), f_t(x) = Σ r (α̇ x₀ + σ̇/σ (x - α x₀)) and the largest posterior weights r, at the time
 * between two of the table's; null where p fades. */
function reading(kernel, { x0, weight }, [j, between], x) {
  const [alpha, sigma, pulled, grown] = kernel.clock.map((v) => v[j] + between * (v[j + 1] - v[j]));
  let [total, flux] = [0, 0];
  const parts = [];
  for (let n = 0; n < x0.length; n++) {
    const away = x - alpha * x0[n];
    const part = weight[n] * density(kernel, away / sigma);
    if (part === 0) continue;
    total += part;
    flux += part * (pulled * x0[n] + (grown / sigma) * away);
    parts.push([x0[n], part]);
  }
  if (!(total > 0)) return null;
  parts.sort((a, b) => b[1] - a[1]);
  const all = weight.reduce((sum, w) => sum + w, 0);
  return {
    density: total / all / sigma,
    velocity: flux / total,
    shares: parts.slice(0, LISTED).map(([at, part]) => [at, part / total]),
  };
}

/** p₁(z) between two places of its table: log p is a line there. */
function density({ z, log_p: logP }, at) {
  if (!(at >= z[0] && at <= z[z.length - 1])) return 0;
  const [k, part] = bracket(z, z.length, at);
  const [a, b] = [logP[k], logP[k + 1]];
  return a === -Infinity || b === -Infinity ? 0 : Math.exp(a + part * (b - a));
}

function nearest(nodes, value) {
  const [j, part] = bracket(nodes, nodes.length, value);
  return part > 0.5 ? j + 1 : j;
}
