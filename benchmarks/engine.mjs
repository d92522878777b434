// The processor time of the engine's pictures: what `benchmarks/engine.py` starts, with the folder of the
// components and one file for each picture, a packed block of its page, its tables and its points.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const LEAST_MS = 1500; // of each picture, after as many runs as compile it
const [folder, ...files] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(`${folder}/${name}`).href);
const { unpack } = await from("runtime.js");
const { EnginePreview } = await from("engine_preview.js");
const { PlanePreview } = await from("engine_plane_picture.js");

const LINE = { trace: { line: { color: "", width: 1, dash: "solid" } } };
const PICTURES = {
  line: (tables) => {
    const engine = new EnginePreview(tables);
    return (points) => engine.traces(points, { heat: {}, points: {}, fans: [LINE] });
  },
  plane: (tables) => {
    const engine = new PlanePreview(tables);
    return (points) => engine.picture(points);
  },
};

for (const file of files) {
  const { page, tables, points } = unpack(new Uint8Array(readFileSync(file)));
  const draw = PICTURES[page](tables);
  draw(points);
  const times = [];
  for (let sum = 0; times.length < 5 || sum < LEAST_MS; sum += times.at(-1)) {
    const before = process.cpuUsage();
    draw(points);
    times.push(process.cpuUsage(before).user / 1000);
  }
  times.sort((a, b) => a - b);
  console.log(times[times.length >> 1]);
}
