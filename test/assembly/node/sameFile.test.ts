import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwError } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import type { DiscoveryEvent } from "../../../src/download/DiscoveryEvent.js";
import type { MirrorFile } from "../../../src/discovery/MirrorFile.js";
import { sameFile } from "../../../src/assembly/node/sameFile.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { FileFacts } from "../../../src/manifest/Manifest.js";
import { digestOfAll, manifestOf, plainOf, someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";
import { done, incomparable, mirrorsWith } from "./here.js";

const file = someBytes(20_000);
const plain = plainOf(file, 1000);
const changedAt = (at: number) => file.map((byte, i) => (i === at ? byte ^ 1 : byte));

let path: string;

beforeEach(async () => {
  path = join(await tempFolder(), "film");
  await writeFile(path, file);
});

/** A run whose clock goes on by 300 ms each time it is read, and what it was told. */
function listening() {
  let now = 0;
  const told: DiscoveryEvent[] = [];
  return {
    told,
    teller: { clock: { now: () => (now += 300) }, emit: (event: DiscoveryEvent) => void told.push(event) },
  };
}
const { teller } = listening();
const found = (facts: FileFacts, mirrorFile?: MirrorFile) => done(sameFile(path, facts, { mirrorFile, teller }));

describe("what has the name", () => {
  it("Nothing has the name when there is nothing", async () => {
    expect(await done(sameFile(`${path}.not`, plain, { teller }))).toBe("none");
  });

  it("Another file has the name when its size is another, whatever else is known", async () => {
    const longer = someBytes(20_001);
    const whole = { type: "sha-256", bytes: digestOfAll(longer) } as const;
    expect(await found(plainOf(longer, 1000, { whole }), mirrorsWith(longer))).toBe("another");
  });

  it("Another file has the name when nobody knows the size", async () => {
    expect(await done(sameFile(path, plain, { unsized: true, teller }))).toBe("another");
  });

  it.each([
    ["digests of its chunks", (bytes: Uint8Array) => manifestOf(bytes, 1000)],
    [
      "a digest of the whole",
      (bytes: Uint8Array) => plainOf(bytes, 1000, { whole: { type: "sha-256", bytes: digestOfAll(bytes) } }),
    ],
  ])("A file that has the name is judged by %s, and no mirror is asked", async (_name, factsOf) => {
    const mirrors = mirrorsWith(file, Date.now() + 60_000);
    expect(await found(await factsOf(file), mirrors)).toBe("same");
    expect(await found(await factsOf(changedAt(1234)), mirrors)).toBe("another");
    expect(mirrors.compared).toEqual([]);
  });

  it("A file that has the name is judged by a few bytes of the mirrors' where no digest is known", async () => {
    const mirrors = mirrorsWith(file);
    expect(await found(plain, mirrors)).toBe("same");
    expect(mirrors.compared.map(({ position }) => position)).toEqual([0, 7952, 15_904]);
    expect(await found(plain, mirrorsWith(changedAt(0)))).toBe("another");
    expect(await found(plain, mirrorsWith(changedAt(19_999)))).toBe("another");
  });

  it("A file that has the name is judged by size, date and its beginning where mirrors send only the whole, and unknown where one of them is missing", async () => {
    const wholesOf = (bytes: Uint8Array, modifiedAt?: number): MirrorFile => {
      const mirrors = mirrorsWith(bytes, modifiedAt);
      return {
        ...mirrors,
        sample: (ranges) => (ranges.some(({ position }) => position > 0) ? undefined : mirrors.sample(ranges)),
      };
    };
    expect(await found(plain, wholesOf(file, 1))).toBe("same");
    expect(await found(plain, wholesOf(changedAt(0), 1))).toBe("another");
    expect(await found(plain, wholesOf(changedAt(0)))).toBe("another");
    expect(await found(plain, wholesOf(file))).toBe("unknown");
    expect(await found(plain, { ...incomparable, modifiedAt: 1 })).toBe("unknown");
    expect(await found(plain)).toBe("unknown");
  });

  it("How much of a file is hashed is told while it is, and nothing of one of another size", async () => {
    const long = someBytes(2_500_000);
    await writeFile(path, long);
    const { told, teller: own } = listening();
    const whole = { type: "sha-256", bytes: digestOfAll(long) } as const;
    expect(await done(sameFile(path, plainOf(long, 1000, { whole }), { teller: own }))).toBe("same");
    expect(told).toEqual(
      [1_048_576, 2_097_152, 2_500_000].map((hashed) => ({ type: "hashing", hashed, size: 2_500_000 })),
    );
    expect(await done(sameFile(path, plain, { teller: own }))).toBe("another");
    expect(told).toHaveLength(3);
  });

  it("An empty file is the same as any other empty one", async () => {
    await writeFile(path, "");
    expect(await found(plainOf(new Uint8Array(), 1000), incomparable)).toBe("same");
  });

  it("Another file has the name when a mirror says that it was changed later", async () => {
    await utimes(path, 1000, 1000);
    expect(await found(plain, mirrorsWith(file, 1_000_000))).toBe("same");
    expect(await found(plain, mirrorsWith(file, 1_000_001))).toBe("another");
  });

  it("Something that is no file and has the name is LOCAL_IO", async () => {
    await mkdir(`${path}.folder`);
    await expect(done(sameFile(`${path}.folder`, plain, { teller }))).rejects.toMatchObject({ code: "LOCAL_IO" });
    await expect(done(sameFile(join(path, "below"), plain, { teller }))).rejects.toMatchObject({ code: "LOCAL_IO" });
  });

  it("Nobody knows whether a file that has the name is the same when the mirrors fail", async () => {
    const gone = new DownloadError("CONNECTION_LOST", "gone");
    await expect(found(plain, { sample: () => throwError(() => gone) })).rejects.toBe(gone);
  });
});
