import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FileFacts } from "../../../src/manifest/Manifest.js";
import { manifestOf, plainOf, someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";
import { downloadOn } from "./faults/downloadOn.js";
import { callKinds, type FailingCall, FailingDisk } from "./faults/FailingDisk.js";

const chunkSize = 16 * 1024;
const bytes = someBytes(4 * chunkSize + 1000);
const kinds: Readonly<Record<string, FileFacts>> = {
  digests: await manifestOf(bytes, chunkSize),
  "no digests": plainOf(bytes, chunkSize),
};

/** A folder with a longer `.part` of before, so that it has to be looked at and cut. */
async function folderBefore(): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, "film.part"), Buffer.alloc(bytes.length + 5000, "x"));
  return folder;
}

describe.each(Object.entries(kinds))("a call of the system that fails in a download with %s", (_, manifest) => {
  it.each(callKinds)(
    "Whichever call of %s fails, the download is whole or ends with LOCAL_IO, blames nobody, and the next one is whole",
    async (kind) => {
      const unheard: unknown[] = [];
      const hear = (reason: unknown): void => void unheard.push(reason);
      process.on("unhandledRejection", hear);
      onTestFinished(() => void process.off("unhandledRejection", hear));
      const whole = new FailingDisk();
      expect(
        (await downloadOn({ folder: await folderBefore(), bytes, manifest, disk: whole.disk })).error,
      ).toBeUndefined();
      const calls = whole.counts.get(kind) ?? 0;
      expect(calls).toBeGreaterThan(0);
      for (let nth = 1; nth <= calls; nth++) {
        for (const code of ["EIO", "ENOSPC"] as const) await failOnce({ kind, nth, code }, manifest);
      }
      expect(unheard).toEqual([]);
    },
  );
});

async function failOnce(failing: FailingCall, manifest: FileFacts): Promise<void> {
  const what = JSON.stringify(failing);
  const folder = await folderBefore();
  const { events, error } = await downloadOn({ folder, bytes, manifest, disk: new FailingDisk(failing).disk });
  const blamed = events.filter(({ type }) => /^peer-(quarantined|blacklisted|excluded)$|^attempt-failed$/.test(type));
  expect(blamed, what).toEqual([]);
  const ends = events.flatMap((event) => (/^download-(completed|failed|paused)$/.test(event.type) ? [event] : []));
  expect(ends, what).toHaveLength(1);
  if (error === undefined) expect(ends, what).toMatchObject([{ type: "download-completed" }]);
  else expect(ends, what).toMatchObject([{ type: "download-failed", code: "LOCAL_IO", resumable: true }]);
  const names = await readdir(folder);
  if (names.includes("film")) expect((await readFile(join(folder, "film"))).equals(bytes), what).toBe(true);
  else {
    expect((await downloadOn({ folder, bytes, manifest })).error, what).toBeUndefined();
    expect((await readFile(join(folder, "film"))).equals(bytes), what).toBe(true);
    expect(await readdir(folder), what).toEqual(["film"]);
  }
}
