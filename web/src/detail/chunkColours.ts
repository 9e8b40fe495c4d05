import { chunkStates } from "../../../src/page.js";

/** States of a chunk with their names and colours of the theme, in the order of a legend. */
export const chunkLegend = [
  { state: chunkStates.done, name: "came in this run", colour: "--good" },
  { state: chunkStates.found, name: "was here before", colour: "--found" },
  { state: chunkStates.active, name: "under way", colour: "--busy" },
  { state: chunkStates.retrying, name: "waits for a retry", colour: "--wait-fill" },
  { state: chunkStates.failed, name: "gave up in this round", colour: "--bad" },
  { state: chunkStates.missing, name: "missing", colour: "--missing" },
] as const;

/** Name of the state of a chunk. */
export function chunkStateName(state: number): string {
  return chunkLegend.find((each) => each.state === state)?.name ?? "unknown";
}

/** Colours that tell peers apart, by a golden angle: neighbours in the list are far from each other. */
export function peerColour(number: number): string {
  return `hsl(${Math.round((number * 137.508) % 360)} 62% 52%)`;
}

/** A colour as the four bytes of a pixel. */
export function pixelOf(colour: string, canvas: CanvasRenderingContext2D): Uint8ClampedArray {
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data;
}
