// The light page of the Fan.
import { openPage } from "./play_page.js";
import { PlayPicture } from "./play_picture.js";

openPage(
  (/** @type {import("./play").PlayBlock} */ block, changed) => new PlayPicture(block, changed),
);
