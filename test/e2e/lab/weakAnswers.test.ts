import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { Content } from "./content.js";
import { contentOf } from "./content.js";
import type { Fault, Handler } from "./Exchange.js";
import { answers, forMs, redirectsToPage, unsized } from "./faults/answers.js";
import { alterHeaders } from "./faults/alter.js";
import { rate } from "./faults/pace.js";
import { ignoresRange } from "./faults/ranges.js";
import { htmlPage } from "./faults/statuses.js";
import { facts, it, type Lab } from "./harness.js";
import { plainAnswer, serve } from "./serve.js";

const size = 8 * 1024 * 1024;
const page = "<html>Sign in</html>\n";
const json = '{"error":"try later"}';

const weak: readonly { readonly title: string; readonly fault: Fault; readonly said: string }[] = [
  { title: "a page", fault: htmlPage(page), said: "21 bytes of text/html" },
  { title: "a redirect to a page", fault: redirectsToPage(page), said: "21 bytes of text/html" },
  {
    title: "an error in JSON",
    fault: answers(plainAnswer(200, { "content-type": "application/json" }, json)),
    said: "21 bytes of application/json",
  },
  { title: "nothing at all", fault: answers(plainAnswer(200)), said: "0 bytes" },
  { title: "a page of unknown length", fault: unsized("text/html", page), said: "text/html of unknown length" },
  { title: "text of unknown length", fault: unsized("text/plain", json), said: "text/plain of unknown length" },
];

const mirrors: readonly { readonly kind: string; readonly faults: readonly Fault[] }[] = [
  { kind: "parts", faults: [] },
  { kind: "whole files", faults: [ignoresRange()] },
];

const cases = mirrors.flatMap((mirror) => weak.map((answer) => ({ ...mirror, ...answer })));

/** A server of this kind, with what it says in place of its file later; slow enough that there is a middle of the download, on one connection or eight. */
const kindOf = (content: Content, faults: readonly Fault[], ...more: readonly Fault[]): Handler =>
  serve(content, facts, ...faults, rate(faults.length > 0 ? 5_000_000 : 600_000), ...more);

/** Gets the first half, and more, and is interrupted. */
async function half(lab: Lab, faults: readonly Fault[], ...args: readonly string[]) {
  const content = await lab.file(size);
  const server = await lab.start(kindOf(content, faults));
  const first = lab.get(...args);
  await first.until("half is stored", () => first.all("chunk-stored").length >= 16);
  expect(await first.kill("SIGINT")).toBe(130);
  return { content, server };
}

const sha256 = (content: Content): string => createHash("sha256").update(content.read(0, content.size)).digest("hex");

describe.concurrent("progress is kept, and goes on later, when at the resume a mirror of", () => {
  it.for(cases)("$kind has $title in place of its file", async ({ faults, fault, said }, { lab }) => {
    const { content, server } = await half(lab, faults);
    const before = await readFile(`${lab.out}.part.json`, "utf8");
    server.play(fault(kindOf(content, faults)));
    const second = lab.get();
    expect(await second.ended()).toBe(3);
    expect(second.stderr).toContain(said);
    expect(second.stderr).toContain(`to begin anew, remove it and ${lab.out}.part.json`);
    expect(await readFile(`${lab.out}.part.json`, "utf8")).toBe(before);
    server.play(kindOf(content, faults));
    const { served } = server;
    const third = lab.get();
    expect([await third.ended(), third.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    if (faults.length === 0) expect(server.served - served).toBeLessThan(0.6 * size);
  });
});

describe.concurrent("a download goes on as if nothing had been when in mid-download a mirror of", () => {
  const checked = cases.filter(({ title }) => title === "a page" || title === "nothing at all");
  const all = [
    ...cases.map((each) => ({ ...each, args: [], how: "" })),
    ...checked.map((each) => ({ ...each, args: ["--checksum"], how: "with a checksum" })),
  ];
  it.for(all)(
    "$kind has $title in place of its file for four seconds $how",
    async ({ faults, fault, args }, { lab }) => {
      const content = await lab.file(size);
      const server = await lab.start(kindOf(content, faults));
      const get = lab.get(...args.flatMap((name) => [name, `sha-256=${sha256(content)}`]));
      await server.until("a third is served", ({ served }) => served >= size / 3);
      server.play(forMs(4000, fault)(kindOf(content, faults)));
      // Streams of the whole have to be asked for again.
      if (faults.length > 0) server.hangUp();
      expect([await get.ended(), get.stderr]).toEqual([0, ""]);
      expect(await lab.isRight()).toBe(true);
      expect(get.all("download-started")).toHaveLength(1);
      if (faults.length === 0) expect(server.served).toBeLessThan(1.2 * size);
    },
  );
});

describe.concurrent("a page for people", () => {
  it("A page that is the file itself is taken up as one", async ({ lab }) => {
    const content = await lab.file(size);
    const asPage: Fault = alterHeaders(() => ({ "content-type": "text/html; charset=utf-8" }));
    const server = await lab.start(kindOf(content, [asPage]));
    const first = lab.get();
    await first.until("half is stored", () => first.all("chunk-stored").length >= 16);
    await first.kill("SIGINT");
    const { served } = server;
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(server.served - served).toBeLessThan(0.6 * size);
  });

  it("A page that stays in the place of the file in mid-download ends the download, resumable", async ({ lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(kindOf(content, []));
    const get = lab.get();
    await get.until("half is stored", () => get.all("chunk-stored").length >= 16);
    server.play(htmlPage(page)(kindOf(content, [])));
    expect(await get.ended()).toBe(3);
    expect(get.stderr).toContain("answered with 21 bytes of text/html in place of its file");
    expect(get.stderr).toContain("to begin anew, remove");
    expect((await stat(`${lab.out}.part`)).size).toBeGreaterThanOrEqual(size / 2);
    expect(contentOf(await readFile(`${lab.out}.part`)).read(0, 256 * 1024)).toEqual(content.read(0, 256 * 1024));
  });
});
