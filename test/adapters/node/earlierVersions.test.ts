import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lastValueFrom, toArray } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/adapters/node/catalogueFile.js";
import { downloadFile } from "../../../src/assembly/node/downloadFile.js";
import { optionRows } from "../../../src/cli/options/getOptions.js";
import { parseConfig } from "../../../src/cli/options/configFile.js";
import type { DownloadEvent, DownloadEventOf } from "../../../src/download/DownloadEvent.js";
import { answerWith, cleanUp, serve, type Heard } from "../http/harness.js";
import { someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";

const written = fileURLToPath(new URL("../../fixtures/0.1.0/", import.meta.url));
const file = someBytes(60_000);
const validators = { etag: '"first"', "last-modified": "Sat, 01 Nov 2025 10:00:00 GMT" };

afterEach(cleanUp);

/** What the version left, in a folder of its own, with the port of a mirror that is there now. */
async function left(headers: Readonly<Record<string, string>> = validators) {
  const folder = await tempFolder();
  const mirror = await serve(answerWith(file, headers), { path: "/film.bin" });
  await cp(written, folder, { recursive: true });
  const texts = ["digests/film.bin.meta4", "digests/film.bin.part.json", "plain/film.bin.part.json", "catalogue.json"];
  for (const path of texts.map((name) => join(folder, name))) {
    await writeFile(path, (await readFile(path, "utf8")).replaceAll(":41999", `:${mirror.port}`));
  }
  return { folder, mirror };
}

async function goOn(folder: string, kind: "digests" | "plain", source: string) {
  const out = join(folder, kind, "film.bin");
  const catalogue = join(folder, "catalogue.json");
  const events = await lastValueFrom(downloadFile(source, { out, catalogue }).pipe(toArray()));
  await expect(stat(`${out}.part`)).rejects.toThrow("ENOENT");
  await expect(stat(`${out}.part.json`)).rejects.toThrow("ENOENT");
  return { events, bytes: new Uint8Array(await readFile(out)), last: events.at(-1) };
}

const asked = ({ requests }: Heard): readonly string[] => requests.map(({ headers: { range = "" } }) => range);
const started = (events: readonly DownloadEvent[]) =>
  events.filter((event): event is DownloadEventOf<"attempt-started"> => event.type === "attempt-started");

describe("What version 0.1.0 has begun", () => {
  it("A download with digests goes on from the chunks that its record claims", async () => {
    const { folder } = await left();
    const { events, bytes, last } = await goOn(folder, "digests", join(folder, "digests", "film.bin.meta4"));
    expect(bytes).toEqual(file);
    // Complete are three; what is begun may be the liar's.
    expect(last).toMatchObject({ type: "download-completed", account: { resumes: 1, done: 60_000, verified: 60_000 } });
    const { resumed, received } = (last as DownloadEventOf<"download-completed">).account;
    expect(resumed).toBeGreaterThanOrEqual(3 * 4096);
    expect(received).toBeLessThanOrEqual(60_000 - 3 * 4096);
    expect(new Set(started(events).map(({ chunk }) => chunk))).not.toContain(0);
  });

  it("A download without digests goes on in the middle of its chunk, from a mirror with the same ETag", async () => {
    const { folder, mirror } = await left();
    const { bytes, last } = await goOn(folder, "plain", mirror.url);
    expect(bytes).toEqual(file);
    expect(last).toMatchObject({ type: "download-completed", account: { resumes: 1, resumed: 26_500 } });
    expect(asked(mirror)).toContain("bytes=26500-59999");
  });

  it("A download without digests begins anew from a mirror that has another ETag than its record", async () => {
    const { folder, mirror } = await left({ ...validators, etag: '"second"' });
    const { bytes, last } = await goOn(folder, "plain", mirror.url);
    expect(bytes).toEqual(file);
    expect(last).toMatchObject({ type: "download-completed", account: { resumed: 0 } });
  });

  it("A catalogue is added to, and nothing in it is lost", async () => {
    const { folder, mirror } = await left();
    const before = JSON.parse(await readFile(join(folder, "catalogue.json"), "utf8")) as object;
    expect(await readCatalogue(join(folder, "catalogue.json"))).toEqual({ ...before, version: undefined });
    await goOn(folder, "plain", mirror.url);
    const after = await readCatalogue(join(folder, "catalogue.json"));
    expect(after).toMatchObject({
      peers: {
        [`http://127.0.0.2:${mirror.port}`]: { failed: 3, blacklistedFor: "PEER_UNAVAILABLE" },
        [`http://127.0.0.3:${mirror.port}`]: { ok: 1, failed: 1, quarantinedFor: "CHECKSUM_MISMATCH" },
      },
      totals: {
        ...{ runs: 3, completed: 1, paused: 2, resumed: 1 },
        ...{ verified: 12_288, switches: 5, waste: { checksum: 4096 }, troubledChunks: 4 },
      },
    });
  });

  it("A config file says with each of its options what it said", async () => {
    const path = join(written, "tributary.config.json");
    const text = await readFile(path, "utf8");
    const given = JSON.parse(text) as Record<string, unknown>;
    expect(optionRows.map(({ name }): string => name)).toEqual(expect.arrayContaining(Object.keys(given)));
    expect(parseConfig(text, path, { named: true })).toEqual({ ...given, limitRate: 500_000 });
  });
});
