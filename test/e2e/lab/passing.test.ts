import { describe, expect } from "vitest";
import type { Fault } from "./Exchange.js";
import { answers, forMs } from "./faults/answers.js";
import { hangsUp } from "./faults/limits.js";
import { rate } from "./faults/pace.js";
import { status } from "./faults/statuses.js";
import { facts, it } from "./harness.js";
import { plainAnswer, serve } from "./serve.js";

const size = 8 * 1024 * 1024;

const cases: readonly { readonly title: string; readonly fault: Fault }[] = [
  ...[400, 404, 410, 416, 420, 500].map((code) => ({ title: String(code), fault: status(code) })),
  { title: "204", fault: answers(plainAnswer(204)) },
  {
    title: "a part of nothing",
    fault: answers(plainAnswer(206, { "content-range": `bytes */${size}` })),
  },
  { title: "206 without a word of which bytes", fault: answers(plainAnswer(206)) },
  { title: "a reset", fault: hangsUp() },
];

describe.concurrent("an only source that answers for half a second in mid-download with", () => {
  it.for(cases)("$title is asked again", async ({ fault }, { lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(serve(content, facts, rate(600_000)));
    const get = lab.get();
    await server.until("a third is served", ({ served }) => served >= size / 3);
    server.play(serve(content, facts, rate(600_000), forMs(500, fault)));
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(server.served).toBeLessThan(1.2 * size);
  });
});
