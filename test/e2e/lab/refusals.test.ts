import { describe, expect } from "vitest";
import type { Fault } from "./Exchange.js";
import { anotherRange, gzipped, missingContentRange, multipart, shiftedContentRange } from "./faults/ranges.js";
import { redirectLoop } from "./faults/redirects.js";
import { status } from "./faults/statuses.js";
import { it } from "./harness.js";

const size = 1024 * 1024;

interface Case {
  readonly title: string;
  readonly fault: Fault;
  readonly exit: number;
  readonly code: string;
}

const cases: readonly Case[] = [
  { title: "206 with bytes from elsewhere", fault: anotherRange(1000), exit: 3, code: "PROTOCOL_ERROR" },
  { title: "206 with a wrong Content-Range", fault: shiftedContentRange(1), exit: 3, code: "PROTOCOL_ERROR" },
  { title: "206 without Content-Range", fault: missingContentRange(), exit: 3, code: "PROTOCOL_ERROR" },
  { title: "multipart/byteranges", fault: multipart(), exit: 3, code: "PROTOCOL_ERROR" },
  { title: "gzip", fault: gzipped(), exit: 3, code: "PROTOCOL_ERROR" },
  { title: "redirects in a circle", fault: redirectLoop(), exit: 3, code: "PEER_REJECTED" },
  { title: "403", fault: status(403), exit: 6, code: "AUTH_FAILED" },
  { title: "404", fault: status(404), exit: 5, code: "FILE_NOT_FOUND_ANYWHERE" },
];

describe.concurrent("an only source is refused, and no file made, when it answers with", () => {
  it.for(cases)("$title", async ({ fault, exit, code }, { lab }) => {
    await lab.file(size);
    await lab.serve(fault);
    const get = lab.get();
    expect([await get.ended(), get.all("download-failed").map((event) => event.code)]).toEqual([exit, [code]]);
    expect(await lab.hasFile()).toBe(false);
    expect(lab.ratio).toBeLessThanOrEqual(1.3);
    expect(lab.requests).toBeLessThanOrEqual(16);
  });
});
