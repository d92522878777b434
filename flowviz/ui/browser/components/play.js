// The light page of the Fan.
import { LinePicture } from "./play_line_picture.js";
import { openPage } from "./play_page.js";

openPage(
  (/** @type {import("./play").PlayBlock} */ block, changed) => new LinePicture(block, changed),
);
