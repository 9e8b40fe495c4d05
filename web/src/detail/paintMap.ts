import { type ChunkMap, chunkStates } from "../../../src/page.js";
import { chunkLegend, peerColour, pixelOf } from "./chunkColours.js";
import type { MapLayout } from "./mapLayout.js";

/** Which of several states a cell of many chunks shows: what needs attention before what is under way, before what is missing. */
const urgency = [
  chunkStates.failed,
  chunkStates.retrying,
  chunkStates.active,
  chunkStates.missing,
  chunkStates.done,
  chunkStates.found,
];

/** What the colours of a map say: the state of each chunk, or who brought it. */
export type MapColours = "state" | "peer";

/** Pixels of a map before it is enlarged: one a cell. Colours are read from the theme when it is made. */
export class MapPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #small = document.createElement("canvas");
  readonly #states: readonly Uint8ClampedArray[];
  readonly #peers: Uint8ClampedArray[] = [];
  readonly #probe: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#probe = contextOf(document.createElement("canvas"), true);
    const theme = getComputedStyle(canvas);
    const states: Uint8ClampedArray[] = [];
    for (const { state, colour } of chunkLegend) states[state] = pixelOf(theme.getPropertyValue(colour), this.#probe);
    this.#states = states;
  }

  paint(map: ChunkMap, layout: MapLayout, colours: MapColours, selected: number | undefined): void {
    const { columns, rows, cell, chunksPerCell } = layout;
    const ratio = devicePixelRatio;
    const [canvas, small] = [this.#canvas, this.#small];
    resize(canvas, Math.round(columns * cell * ratio), Math.round(rows * cell * ratio));
    resize(small, columns, rows);
    const image = new ImageData(columns, rows);
    const { states, bringers, size } = map;
    const cells = Math.ceil(size / chunksPerCell);
    for (let place = 0; place < cells; place++) {
      const chunk = chunkOfCell(states, place * chunksPerCell, chunksPerCell);
      const pixel = this.#pixel(states[chunk] ?? 0, bringers[chunk] ?? 0, colours);
      if (pixel !== undefined) image.data.set(pixel, place * 4);
    }
    contextOf(small).putImageData(image, 0, 0);
    const context = contextOf(canvas);
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    context.scale(ratio, ratio);
    if (cell >= 5) grid(context, layout, getComputedStyle(canvas).getPropertyValue("--card"));
    if (selected !== undefined) frame(context, layout, selected, getComputedStyle(canvas).getPropertyValue("--text"));
    context.resetTransform();
  }

  #pixel(state: number, bringer: number, colours: MapColours): Uint8ClampedArray | undefined {
    if (colours === "state" || bringer === 0 || state < chunkStates.found) return this.#states[state];
    return (this.#peers[bringer] ??= pixelOf(peerColour(bringer), this.#probe));
  }
}

/** The chunk that a cell shows: the most urgent one of its own. */
function chunkOfCell(states: Uint8Array, from: number, count: number): number {
  if (count === 1) return from;
  let [shown, best] = [from, urgency.length];
  for (let chunk = from; chunk < Math.min(states.length, from + count); chunk++) {
    const rank = urgency.indexOf((states[chunk] ?? 0) as 0);
    if (rank < best) [shown, best] = [chunk, rank];
  }
  return shown;
}

function grid(context: CanvasRenderingContext2D, { columns, rows, cell }: MapLayout, colour: string): void {
  context.fillStyle = colour;
  for (let column = 1; column <= columns; column++) context.fillRect(column * cell - 1, 0, 1, rows * cell);
  for (let row = 1; row <= rows; row++) context.fillRect(0, row * cell - 1, columns * cell, 1);
}

function frame(context: CanvasRenderingContext2D, layout: MapLayout, chunk: number, colour: string): void {
  const { columns, cell, chunksPerCell } = layout;
  const place = Math.floor(chunk / chunksPerCell);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect((place % columns) * cell - 1, Math.floor(place / columns) * cell - 1, cell + 1, cell + 1);
}

function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function contextOf(canvas: HTMLCanvasElement, isRead = false): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: isRead });
  if (context === null) throw new Error("this browser has no 2d canvas");
  return context;
}
