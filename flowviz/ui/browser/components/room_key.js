// Keeps the key of a class room that this tab has opened, so that a reload of the teacher's page gives it back.
/** @import { Component, RoomKeyContent } from "./types" */

const KEY = "flowviz:room-key";

/** Whether the page was given what the tab had kept. */
let given = false;

/** @type {Component<RoomKeyContent>} */
export default function roomKey({ data, setStateValue }) {
  if (!data) return;
  try {
    const kept = given ? null : sessionStorage.getItem(KEY);
    given = true;
    if (data.held) sessionStorage.setItem(KEY, JSON.stringify(data.held));
    else if (kept) setStateValue("kept", JSON.parse(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // A tab that keeps nothing: the room stays with the session.
  }
}
