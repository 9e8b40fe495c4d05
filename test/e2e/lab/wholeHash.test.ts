import { open, readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { Content } from "./content.js";
import { digestOf } from "./content.js";
import { rate } from "./faults/pace.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const MiB = 1024 * 1024;
const size = 8 * MiB;
const speed = 8_000_000;

/** The same bytes, of which one in each mebibyte is wrong, at places that are no samples. */
function wrong(content: Content): Content {
  const read = (position: number, length: number): Buffer => {
    const bytes = Buffer.from(content.read(position, length));
    for (let place = 100_077; place < position + length; place += MiB) {
      if (place >= position) bytes.writeUInt8(bytes.readUInt8(place - position) ^ 0xff, place - position);
    }
    return bytes;
  };
  return { ...content, read };
}

describe.concurrent("a file of which only the hash of the whole is known", () => {
  it.for([2, 3])(
    "Of %d mirrors the first, wrong in places, is found and excluded, in one run and for a bounded price",
    async (mirrors, { lab }) => {
      const content = await lab.file(size);
      const bad = await lab.start(serve(wrong(content), facts, rate(speed)));
      for (let good = 1; good < mirrors; good++) await lab.serve();
      const get = lab.get("--checksum", `sha-256=${digestOf(content)}`);
      expect([await get.ended(), get.stderr]).toEqual([0, ""]);
      expect(await lab.isRight()).toBe(true);
      expect(get.all("peer-quarantined").map(({ peer }) => peer)).toEqual([bad.url]);
      expect(lab.ratio).toBeLessThanOrEqual(2.5);
    },
  );

  it("An only mirror that is wrong in places ends with 4, and words that say why nobody can tell where", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    await lab.start(serve(wrong(content), facts, rate(speed)));
    const get = lab.get("--checksum", `sha-256=${digestOf(content)}`);
    expect(await get.ended()).toBe(4);
    expect(get.stderr).toMatch(/it came from \S+ alone, and nobody else could be asked: nothing of it counts/);
    expect(get.stderr).not.toContain("is kept");
    expect(await lab.hasFile()).toBe(false);
  });
});

describe.concurrent("bytes that the disk lost between two runs", () => {
  it("Bytes that were scribbled on after a kill are found by their sums, where nobody knows a digest, and only their chunk is fetched again", async ({
    lab,
  }) => {
    await lab.file(size);
    await lab.serve();
    const first = lab.get();
    await first.until(
      "a record claims some",
      () => (first.all("checkpoint-saved").at(-1)?.done ?? 0) >= 8 * 256 * 1024,
    );
    await first.kill("SIGKILL");
    const record = JSON.parse(await readFile(`${lab.out}.part.json`, "utf8")) as { readonly complete: string };
    const claimed = [...Buffer.from(record.complete, "base64")].flatMap((byte, at) =>
      Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1 ? [8 * at + bit] : [])).flat(),
    );
    const [lost = 0] = claimed;
    const part = await open(`${lab.out}.part`, "r+");
    await part.write(Buffer.alloc(100), 0, 100, lost * 256 * 1024 + 1000);
    await part.close();
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    const asked = new Set(second.all("attempt-started").map(({ chunk }) => chunk));
    expect(claimed.filter((chunk) => asked.has(chunk))).toEqual([lost]);
  });
});
