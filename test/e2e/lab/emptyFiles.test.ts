import { describe, expect } from "vitest";
import type { Answer, Handler } from "./Exchange.js";
import { facts, it } from "./harness.js";
import { plainAnswer, serve } from "./serve.js";

const part = (range: string, text = ""): Answer => plainAnswer(206, { "content-range": range }, text);

const cases: readonly (readonly [string, Answer])[] = [
  ["200", plainAnswer(200)],
  ["416 with the size (caddy, varnish, express)", plainAnswer(416, { "content-range": "bytes */0" })],
  ["416 with the size but without a unit (yaws)", plainAnswer(416, { "content-range": "*/0" })],
  ["416 without the size (webrick, http-server)", plainAnswer(416)],
  ["400 (webfs)", plainAnswer(400)],
  ["204 (inert)", plainAnswer(204)],
  ["206 of 0-0 of nothing, with a byte (s3rver)", part("bytes 0-0/0", "x")],
  ["206 of 0-0 of nothing, without one (civetweb)", part("bytes 0-0/0")],
  ["206 of 0--1 (webfs)", part("bytes 0--1/0")],
  ["206 of -1--1 of nobody knows how much (webdav-server)", part("bytes -1--1/*")],
  ["206 of 0--1 of nobody knows how much (webdav-server)", part("bytes 0--1/*")],
];

/** A server that answers a range of an empty file so. */
const to = (ranged: Answer): Handler => {
  const empty = serve({ size: 0, read: () => Buffer.alloc(0) }, facts);
  return (ask) => (ask.headers.range === undefined ? empty(ask) : ranged);
};

describe.concurrent("an empty file is got from a server that answers a range of it with", () => {
  it.for(cases)("%s", async ([, ranged], { lab }) => {
    await lab.file(0);
    await lab.start(to(ranged));
    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    const again = lab.get();
    expect([await again.ended(), again.stderr]).toEqual([0, ""]);
  });

  it.for(cases)("%s, beside another mirror", async ([, ranged], { lab }) => {
    await lab.file(0);
    await lab.start(to(ranged));
    await lab.serve();
    const get = lab.get();
    expect([await get.ended(), get.stderr, get.all("mirror-refused")]).toEqual([0, "", []]);
    expect(await lab.isRight()).toBe(true);
  });
});
