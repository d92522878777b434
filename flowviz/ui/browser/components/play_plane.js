// The light page of the Plane.
import { openPage } from "./play_page.js";
import { PlanePicture } from "./play_plane_picture.js";

openPage(
  (/** @type {import("./play").PlanePlayBlock} */ block, changed) =>
    new PlanePicture(block, changed),
);
