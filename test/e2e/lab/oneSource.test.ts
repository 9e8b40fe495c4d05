import { describe, expect } from "vitest";
import type { Fault } from "./Exchange.js";
import { alterHeaders } from "./faults/alter.js";
import { breaksOnceAt, cutsEach, short } from "./faults/bodies.js";
import { chunked, closesAfterEach, hangsUpAfterEach, missingContentLength, slowHeaders } from "./faults/framing.js";
import { slowsTo, stalls } from "./faults/pace.js";
import { ignoresRange, unknownTotal } from "./faults/ranges.js";
import { redirects, setsCookie } from "./faults/redirects.js";
import { first, onlyTo } from "./faults/repeats.js";
import { busy, busyUntil, status } from "./faults/statuses.js";
import { weakEtag } from "./faults/validators.js";
import { it } from "./harness.js";

const size = 4 * 1024 * 1024;
/** A request for each chunk of 256 KiB, one to see what the source is, and few that were in vain. */
const fewRequests = 16 + 8;
/** But for the first bytes of a second request, which a busy machine may think it needs. */
const nothingTwice = 1.05;

interface Case {
  readonly title: string;
  readonly faults: readonly Fault[];
  /** Most bytes served over the size. */
  readonly ratio: number;
  readonly requests?: number;
}

const cases: readonly Case[] = [
  { title: "that has no fault", faults: [], ratio: nothingTwice },
  { title: "that answers 429 with Retry-After twice", faults: [first(2, busy(429, 1))], ratio: nothingTwice },
  { title: "that answers 503 with Retry-After twice", faults: [first(2, busy(503, 1))], ratio: nothingTwice },
  { title: "that answers 503 until a date", faults: [first(1, busyUntil(503, 1))], ratio: nothingTwice },
  { title: "that answers 500 twice", faults: [first(2, status(500))], ratio: nothingTwice },
  { title: "that resets a connection once", faults: [breaksOnceAt(1_500_000)], ratio: nothingTwice },
  { title: "that cuts every response after 200 KB", faults: [cutsEach(200_000)], ratio: nothingTwice, requests: 44 },
  { title: "of which one connection stalls", faults: [stalls({ afterBytes: 300_000, connections: 1 })], ratio: 1.07 },
  {
    title: "of which one connection drops to 20 KB/s",
    faults: [slowsTo(20_000, { afterBytes: 300_000, connections: 1 })],
    ratio: 1.07,
  },
  // The answer to the first question turns out to be the whole file, of which some has come before it is dropped.
  { title: "that ignores Range", faults: [ignoresRange()], ratio: nothingTwice, requests: 1 },
  { title: "that does not say how large the file is", faults: [unknownTotal()], ratio: 1.3 },
  { title: "that does not say how long a body is", faults: [missingContentLength()], ratio: nothingTwice },
  { title: "that sends bodies in chunks", faults: [chunked()], ratio: nothingTwice },
  { title: "that closes after each response", faults: [closesAfterEach()], ratio: nothingTwice },
  {
    title: "that hangs up after each response without a word",
    faults: [hangsUpAfterEach()],
    ratio: 1.1,
    requests: 48,
  },
  { title: "that refuses HEAD", faults: [onlyTo("HEAD", status(405))], ratio: nothingTwice },
  { title: "that answers late", faults: [slowHeaders(50)], ratio: nothingTwice },
  { title: "that sends less than it has said three times", faults: [first(3, short(1000))], ratio: nothingTwice },
  { title: "that redirects three times", faults: [redirects(3)], ratio: nothingTwice, requests: 4 * fewRequests },
  { title: "that sets a cookie first", faults: [setsCookie("pass=1")], ratio: nothingTwice },
  {
    title: "that calls the file compressed, as it is stored",
    faults: [alterHeaders(() => ({ "content-encoding": "x-gzip" }))],
    ratio: nothingTwice,
  },
  {
    title: "that tells its ranges as they are asked for",
    faults: [alterHeaders(({ headers }) => ({ "content-range": headers["content-range"]?.replace(" ", "=") }))],
    ratio: nothingTwice,
  },
  { title: "that has only a weak ETag", faults: [weakEtag("x")], ratio: nothingTwice },
];

describe.concurrent("a file is got whole, with nothing served twice, from a source", () => {
  it.for(cases)("$title", async ({ faults, ratio, requests = fewRequests }, { lab }) => {
    await lab.file(size);
    await lab.serve(...faults);
    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThanOrEqual(ratio);
    expect(lab.requests).toBeLessThanOrEqual(requests);
    expect(lab.hasty).toBe(0);
  });
});
