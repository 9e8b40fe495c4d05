/** The ways in which a page gets a file, for `bench:page`; bundled, and run in a browser. */
import { lastValueFrom } from "rxjs";
import { downloadToBlob, downloadToOpfs } from "../../src/browser.js";

/** What a run tells: its time, and that of its tasks of more than 50 ms, ms; and how many bytes it ended with. */
export interface PageRun {
  readonly ms: number;
  readonly longMs: number;
  readonly longestMs: number;
  readonly bytes: number;
}

type Way = (url: string) => Promise<{ readonly size: number }>;

const kept: unknown[] = [];

const ways: Readonly<Record<string, Way>> = {
  "a reader loop": async (url) => {
    let size = 0;
    await readAll(url, (piece) => (size += piece.length));
    return { size };
  },
  "a reader loop, kept as a Blob": async (url) => {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    await readAll(url, (piece) => pieces.push(piece));
    return new Blob(pieces);
  },
  downloadToBlob: async (url) => blobOf(await lastValueFrom(downloadToBlob(url))),
  downloadToOpfs: async (url) => {
    const last = await lastValueFrom(downloadToOpfs(url, { overwrite: true }));
    if (last.type === "download-completed") return last.blob;
    throw new Error(`the last event is ${last.type}`);
  },
};

async function readAll(url: string, take: (piece: Uint8Array<ArrayBuffer>) => void): Promise<void> {
  const reader = (await fetch(url)).body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) take(read.value);
}

function blobOf(event: object): Blob {
  if ("blob" in event && event.blob instanceof Blob) return event.blob;
  throw new Error(`the last event has no blob: ${JSON.stringify(event)}`);
}

async function run(name: string, url: string): Promise<PageRun> {
  const way = ways[name];
  if (way === undefined) throw new RangeError(`there is no way ${name}; there are ${Object.keys(ways).join(", ")}`);
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: "longtask" });
  const begun = performance.now();
  const result = await way(url);
  const ms = performance.now() - begun;
  // A task is told when the next one runs.
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  kept.push(result);
  return {
    ms,
    longMs: tasks.reduce((sum, each) => sum + each, 0),
    longestMs: Math.max(0, ...tasks),
    bytes: result.size,
  };
}

Object.assign(globalThis, { run });
