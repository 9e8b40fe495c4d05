import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { readRanges } from "../../../src/adapters/node/readRanges.js";
import { someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";

const bytes = someBytes(100_000);

let path: string;

beforeEach(async () => {
  path = join(await tempFolder(), "film");
});

describe("readRanges", () => {
  it("A few places of a file are read, and less where it ends", async () => {
    await writeFile(path, bytes);
    const ranges = [
      { position: 99_990, length: 20 },
      { position: 0, length: 3 },
      { position: 200_000, length: 5 },
    ];
    const found = await lastValueFrom(readRanges(path, ranges));
    expect(found.map((piece) => [...piece])).toEqual([[...bytes.subarray(99_990)], [...bytes.subarray(0, 3)], []]);
  });

  it("Places of a file that is not there are LOCAL_IO, which names it", async () => {
    await expect(lastValueFrom(readRanges(path, []))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `cannot read ${path}: no such file or directory (ENOENT)`,
    });
  });
});
