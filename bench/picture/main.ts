/** `npm run picture`: runs the demo and writes docs/terminal.svg anew, the live view as a terminal of 100 columns shows it when most has happened. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { coloured } from "../../src/cli/show/paint.js";
import { renderView } from "../../src/cli/show/renderView.js";
import { type DownloadEvent, type DownloadState, initialState, reduce } from "../../src/index.js";
import { benchCommand } from "../benchCommand.js";
import { drawTerminal } from "./drawTerminal.js";

benchCommand(
  "picture",
  "runs the demo and writes docs/terminal.svg anew: its live view on a terminal of 100 columns",
).parse();

const [columns, rows] = [100, 30];
const demo = fileURLToPath(new URL("../../examples/demo/main.ts", import.meta.url));
const picture = fileURLToPath(new URL("../../docs/terminal.svg", import.meta.url));

const child = spawn(process.execPath, ["--import", "tsx", demo, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = once(child, "close") as Promise<[number | null]>;
const cast: string[] = [];
let state = initialState;
let best: DownloadState | undefined;
for await (const line of createInterface(child.stdout)) {
  if (line.startsWith("{")) {
    state = reduce(state, JSON.parse(line) as DownloadEvent);
    if (tellsMore(state, best)) best = state;
  } else if (best === undefined) cast.push(line);
}
const [code] = await ended;
if (code !== 0 || best === undefined) throw new Error(`the demo ended with exit code ${code}`);

const style = { paint: coloured, text: (line: string): string => line };
const view = renderView(best, columns - 1, rows, style);
writeFileSync(picture, drawTerminal(["$ npm start", ...cast, ...view], columns));
console.log(`docs/terminal.svg shows ${best.peers.length} peers, ${best.recent.length} lines of news.`);

/** True when a view has at least as many peers in trouble as the one before, while bytes flow: the last of the richest ones counts. */
function tellsMore(next: DownloadState, before: DownloadState | undefined): boolean {
  if (next.outcome !== undefined || next.peers.length === 0) return false;
  return before === undefined || troubled(next) >= troubled(before);
}

function troubled({ peers }: DownloadState): number {
  return peers.filter(({ state: standing }) => standing !== "ready").length;
}
