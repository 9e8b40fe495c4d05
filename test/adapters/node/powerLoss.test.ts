import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { chunkAt, chunkCount } from "../../../src/manifest/chunks.js";
import type { FileFacts } from "../../../src/manifest/Manifest.js";
import { Bitmap } from "../../../src/storage/Bitmap.js";
import { parseCheckpoint } from "../../../src/storage/parseCheckpoint.js";
import { manifestOf, plainOf, someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";
import { afterPowerLoss, type Fate, type Folder } from "./faults/afterPowerLoss.js";
import { downloadOn } from "./faults/downloadOn.js";
import { type DiskChange, RecordingDisk } from "./faults/RecordingDisk.js";

const chunkSize = 16 * 1024;
const bytes = someBytes(10 * chunkSize + 1000);
const kinds: Readonly<Record<string, FileFacts>> = {
  digests: await manifestOf(bytes, chunkSize),
  "no digests": plainOf(bytes, chunkSize),
};

/** Changes of a download that runs to its end, of one that is paused, and of one that goes on from there. */
async function recorded(manifest: FileFacts): Promise<readonly (readonly DiskChange[])[]> {
  const folder = await tempFolder();
  const whole = new RecordingDisk(folder);
  const done = await downloadOn({ folder, bytes, manifest, disk: whole.disk, bytesPerSecond: 150_000 });
  expect(done.error).toBeUndefined();
  whole.told();
  const other = await tempFolder();
  const twice = new RecordingDisk(other);
  const first = { folder: other, bytes, manifest, disk: twice.disk, bytesPerSecond: 150_000 };
  expect((await downloadOn({ ...first, pauseWhen: timer(300) })).events.at(-1)).toMatchObject({
    type: "download-paused",
  });
  expect((await downloadOn(first)).error).toBeUndefined();
  twice.told();
  return [whole.changes, twice.changes];
}

/** A loss of power: after so much of the changes, with a fate for each that was not synced. */
const losses = fc.record({
  run: fc.nat(1),
  permille: fc.nat(1000),
  fates: fc.infiniteStream(fc.constantFrom<Fate>("kept", "lost", "torn")),
});
type Loss = typeof losses extends fc.Arbitrary<infer T> ? T : never;

function folderAfter(runs: readonly (readonly DiskChange[])[], { run, permille, fates }: Loss) {
  const all = runs[run] ?? [];
  const changes = all.slice(0, Math.round((permille * all.length) / 1000));
  const drawn = changes.map((): Fate => (fates.next().value as Fate | undefined) ?? "kept");
  return { changes, folder: afterPowerLoss(changes, (at) => drawn[at] ?? "kept") };
}

/** What the record in the folder claims that the `.part` does not have. */
function falseClaims(folder: Folder, manifest: FileFacts): readonly string[] {
  const record = folder.get("film.part.json");
  if (record === undefined) return [];
  const claims = parseCheckpoint(JSON.parse(record.toString()), manifest);
  if ("damage" in claims) return [`the record is damaged: ${claims.damage}`];
  const part = folder.get("film.part") ?? Buffer.alloc(0);
  const has = (index: number, length: number): boolean => {
    const { offset } = chunkAt(manifest, index);
    return part.subarray(offset, offset + length).equals(bytes.subarray(offset, offset + length));
  };
  const complete = Bitmap.from(claims.complete, chunkCount(manifest));
  const chunks = Array.from({ length: complete.length }, (_, index) => index).filter((index) => complete.has(index));
  return [
    ...chunks.filter((index) => !has(index, chunkAt(manifest, index).length)).map((index) => `chunk ${index}`),
    ...Object.entries(claims.frontiers)
      .filter(([index, frontier]) => !has(Number(index), frontier))
      .map(([index, frontier]) => `${frontier} bytes of chunk ${index}`),
  ];
}

describe.each(Object.entries(kinds))("power that is lost in a download with %s", (_, manifest) => {
  it("No record claims bytes that are not there, a name has the whole file or none, and what was told to be complete stays, whatever was not synced is lost", async () => {
    const runs = await recorded(manifest);
    fc.assert(
      fc.property(losses, (loss) => {
        const { changes, folder } = folderAfter(runs, loss);
        const film = folder.get("film");
        // A file that has its name needs no record.
        if (film === undefined) expect(falseClaims(folder, manifest)).toEqual([]);
        else expect(film.equals(bytes)).toBe(true);
        if (changes.at(-1)?.kind === "told") expect([...folder.keys()]).toEqual(["film"]);
        // From the first record on there is always one, or the file.
        const first = changes.findIndex((change) => change.kind === "rename" && change.to === "film.part.json");
        const isKept = first >= 0 && changes.some((change) => change.kind === "sync-folder" && change.upTo > first);
        if (isKept) expect([...folder.keys()].filter((name) => /^film(\.part\.json)?$/.test(name))).not.toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it("A download goes on to the right file from whatever a loss of power has left", async () => {
    const [parent, runs] = [await tempFolder(), await recorded(manifest)];
    await fc.assert(
      fc.asyncProperty(losses, async (loss) => {
        const left = folderAfter(runs, loss).folder;
        fc.pre(!left.has("film"));
        const folder = await mkdtemp(join(parent, "f"));
        for (const [name, content] of left) await writeFile(join(folder, name), content);
        const { disk } = new RecordingDisk(folder, new Map([...left.keys()].map((name, number) => [name, number])));
        expect((await downloadOn({ folder, bytes, manifest, disk })).error).toBeUndefined();
        expect((await readFile(join(folder, "film"))).equals(bytes)).toBe(true);
        await rm(folder, { recursive: true });
      }),
      { numRuns: 200 },
    );
  });
});
