import type { Content } from "../../test/e2e/lab/content.js";
import { corrupted, corruptedBetween, syntheticContent } from "../../test/e2e/lab/content.js";
import type { Fault, Handler } from "../../test/e2e/lab/Exchange.js";
import { breaksOnceAt, cutsEach } from "../../test/e2e/lab/faults/bodies.js";
import { fillsCache } from "../../test/e2e/lab/faults/caches.js";
import { takes } from "../../test/e2e/lab/faults/limits.js";
import { rate, slowsTo, stalls } from "../../test/e2e/lab/faults/pace.js";
import { anotherRange, ignoresRange } from "../../test/e2e/lab/faults/ranges.js";
import { first } from "../../test/e2e/lab/faults/repeats.js";
import { busy, htmlPage, status } from "../../test/e2e/lab/faults/statuses.js";
import { serve } from "../../test/e2e/lab/serve.js";
import { speak } from "../../test/e2e/lab/speak.js";
import type { Wanted } from "./Outcome.js";

const MiB = 1024 * 1024;
export const size = 8 * MiB;
/** Bytes a second that one connection is served. */
export const speed = 6_000_000;
/** The same where the time that a program takes to start is not to decide. */
const slow = 500_000;
export const file = syntheticContent(size);
/** What is served in its place. */
export const other = syntheticContent(size, 2);

/** Wrong on both sides of its middle, which is right, as its ends are. */
const liar = corruptedBetween(corruptedBetween(file, 2.25 * MiB, 3.75 * MiB), 4.25 * MiB, 5.75 * MiB);

/** One thing that goes wrong. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly wanted: Wanted;
  /** What each server does; made anew for each run. */
  readonly servers: () => readonly Handler[];
  /** What is right to have in the end; the file, if nothing is said. */
  readonly files?: readonly Content[];
  /** Tools that read Metalink get a `.meta4` with digests: of each piece and the whole, or of the whole alone. */
  readonly digests?: "of pieces" | "of the whole";
  /** The tool is run twice: the first run ends by this signal when half is served, or by itself. */
  readonly again?: {
    readonly after: "SIGINT" | "SIGKILL" | "end";
    /** Whose seconds, bytes and requests are shown. */
    readonly counted: "both" | "second";
    /** Between the runs the servers get another file. */
    readonly replaced?: true;
  };
}

/** The server's file and its validators; another content has others. */
export function honest(content: Content, ...faults: readonly Fault[]): Handler {
  const isFile = content !== other;
  const facts = {
    etag: isFile ? '"v1"' : '"v2"',
    lastModified: isFile ? "Sat, 01 Jan 2022 00:00:00 GMT" : "Sun, 02 Jan 2022 00:00:00 GMT",
  };
  return serve(content, facts, ...faults, rate(speed));
}

const single = (...faults: readonly Fault[]) => ({ servers: () => [honest(file, ...faults)] });
const firstOfTwo = (bad: () => Handler) => ({ servers: () => [bad(), honest(file)] });

export const rows: readonly Row[] = [
  { name: "clean", title: "one source, no fault", wanted: "file", ...single() },
  { name: "two-clean", title: "two mirrors, no fault", wanted: "file", ...firstOfTwo(() => honest(file)) },
  { name: "429", title: "429 with Retry-After: 1, twice", wanted: "file", ...single(first(2, busy(429, 1))) },
  { name: "503", title: "503 with Retry-After: 1, twice", wanted: "file", ...single(first(2, busy(503, 1))) },
  { name: "500", title: "500, twice", wanted: "file", ...single(first(2, status(500))) },
  { name: "reset", title: "connection reset once at 3 MiB", wanted: "file", ...single(breaksOnceAt(3 * MiB)) },
  { name: "cut", title: "every response cut after 900 KB", wanted: "file", ...single(cutsEach(900_000)) },
  {
    name: "stall",
    title: "one connection stalls after 512 KiB",
    wanted: "file",
    ...single(stalls({ afterBytes: MiB / 2, connections: 1 })),
  },
  {
    name: "slow",
    title: "one connection drops to 20 KB/s after 512 KiB",
    wanted: "file",
    ...single(slowsTo(20_000, { afterBytes: MiB / 2, connections: 1 })),
  },
  { name: "no-ranges", title: "the server ignores Range", wanted: "file", ...single(ignoresRange()) },
  {
    name: "wrong-range",
    title: "206 with another Content-Range, 1,000 bytes on",
    wanted: "file or failure",
    ...single(anotherRange(1000)),
  },
  {
    name: "replaced",
    title: "Ctrl-C half way, file replaced, run again",
    wanted: "file or failure",
    again: { after: "SIGINT", counted: "second", replaced: true },
    ...single(),
  },
  {
    name: "killed",
    title: "killed -9 half way, run again",
    wanted: "file",
    again: { after: "SIGKILL", counted: "both" },
    ...single(),
  },
  {
    name: "done",
    title: "run again when done",
    wanted: "file",
    again: { after: "end", counted: "second" },
    ...single(),
  },
  {
    name: "two-stall",
    title: "two mirrors, the first stalls after 256 KiB",
    wanted: "file",
    ...firstOfTwo(() => honest(file, stalls({ afterBytes: MiB / 4 }))),
  },
  {
    name: "two-slow",
    title: "two mirrors, the first serves 20 KB/s",
    wanted: "file",
    ...firstOfTwo(() => honest(file, slowsTo(20_000))),
  },
  {
    name: "two-404",
    title: "two mirrors, the first is 404",
    wanted: "file",
    ...firstOfTwo(() => honest(file, status(404))),
  },
  {
    name: "two-503",
    title: "two mirrors, the first is always 503",
    wanted: "file",
    ...firstOfTwo(() => honest(file, status(503))),
  },
  {
    name: "two-corrupt",
    title: "two mirrors, the first corrupts bytes (digests)",
    wanted: "file",
    digests: "of pieces",
    ...firstOfTwo(() => honest(corrupted(file, 100_000))),
  },
  {
    name: "two-other",
    title: "two mirrors, the first has another file of that size",
    wanted: "file or failure",
    files: [file, other],
    ...firstOfTwo(() => honest(other)),
  },
  {
    name: "two-html",
    title: "two mirrors, the first answers 200 with a page",
    wanted: "file",
    ...firstOfTwo(() => honest(file, htmlPage())),
  },
  {
    name: "corrupt",
    title: "only a corrupt source (digests)",
    wanted: "failure",
    digests: "of pieces",
    servers: () => [honest(corrupted(file, 100_000))],
  },
  {
    name: "clean-digests",
    title: "two mirrors, no fault (digests)",
    wanted: "file",
    digests: "of pieces",
    ...firstOfTwo(() => honest(file)),
  },
  {
    name: "nine-slow",
    title: "nine mirrors of 20 KB/s before one of 2 MB/s",
    wanted: "file",
    servers: () => [...Array.from({ length: 9 }, () => honest(file, slowsTo(20_000))), honest(file, rate(2_000_000))],
  },
  {
    name: "one-connection",
    title: "one connection of 2 MB/s, 503 to more",
    wanted: "file",
    ...single(rate(2_000_000), takes(1, status(503))),
  },
  {
    name: "two-nodes",
    title: "two behind one address, other strong ETags (0.5 MB/s)",
    wanted: "file",
    servers: () => [speak({ nodes: "two that disagree" }, file, 1, rate(slow))],
  },
  {
    name: "two-liar",
    title: "two mirrors, the first wrong in the middle (one digest)",
    wanted: "file",
    digests: "of the whole",
    ...firstOfTwo(() => honest(liar)),
  },
  {
    name: "first-byte",
    title: "bytes=0-0 is the whole as a 206 (0.5 MB/s)",
    wanted: "file",
    servers: () => [speak({ firstByte: "whole as a part" }, file, 1, rate(slow))],
  },
  {
    name: "cold-cache",
    title: "a cold cache fetches all at 1 MB/s for each request",
    wanted: "file",
    ...single(fillsCache(1_000_000)),
  },
];
