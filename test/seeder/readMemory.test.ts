import { of } from "rxjs";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../src/seeder/ByteSource.js";
import { seederWith } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const KiB = 1024;
const block = 256 * KiB;

/** A file of four blocks, read into the memory that the seeder gives, which is put down. */
async function fileInto() {
  const { bytes, manifest } = await memoryFile(4 * block, 4 * block);
  const given: (ArrayBufferLike | undefined)[] = [];
  const source: ByteSource = {
    manifest,
    read: (offset, length, memory) => {
      given.push(memory?.buffer);
      const read = memory ?? new Uint8Array(length);
      read.set(bytes.subarray(offset, offset + length));
      return of(read.subarray(0, length));
    },
  };
  const { connection } = seederWith(new Map([[manifest.root, source]]));
  const ask = (id: number, length: number, dataBytes?: number): void => {
    const range = { index: 0, offset: 0, length };
    connection.say({ type: "get-chunk", id, root: manifest.root, ...range, ...(dataBytes && { dataBytes }) });
  };
  return { bytes, given, connection, ask };
}

describe("the memory that a seeder reads into", () => {
  it("Memory is used again when the transport has written what was in it, and no sooner", async () => {
    const { given, connection, ask } = await fileInto();
    ask(1, 4 * block);
    expect([given.length, new Set(given).size, given.includes(undefined)]).toEqual([4, 4, false]);
    for (const written of connection.unwritten.splice(0)) written();
    ask(2, 4 * block);
    expect(connection.of("end")).toHaveLength(2);
    expect([given.length, new Set(given).size]).toEqual([8, 4]);
  });

  it("Memory that was cut into frames is used again when the last of them is written", async () => {
    const { given, connection, ask } = await fileInto();
    ask(1, block, 64 * KiB);
    expect(connection.of("data")).toHaveLength(4);
    for (const written of connection.unwritten.splice(0, 3)) written();
    ask(2, block);
    expect(given[1]).not.toBe(given[0]);
    connection.unwritten.shift()?.();
    ask(3, block);
    expect(given[2]).toBe(given[0]);
  });

  it("Memory of a request that is cancelled is used again when the frames that went out are written", async () => {
    const { given, connection, ask } = await fileInto();
    connection.allow(2); // for what is here of the file, and one frame
    ask(1, block, 64 * KiB);
    expect(connection.of("data")).toHaveLength(1);
    connection.say({ type: "cancel", id: 1 });
    connection.allow(Infinity);
    ask(2, block);
    expect(given[1]).not.toBe(given[0]);
    connection.unwritten.shift()?.();
    ask(3, block);
    expect(given[2]).toBe(given[0]);
  });

  it("Memory that a source left alone is used for the next read at once", async () => {
    const { bytes, manifest } = await memoryFile(2 * block, 2 * block);
    const given: (ArrayBufferLike | undefined)[] = [];
    const source: ByteSource = {
      manifest,
      read: (offset, length, memory) => {
        given.push(memory?.buffer);
        return of(bytes.subarray(offset, offset + length));
      },
    };
    const { connection } = seederWith(new Map([[manifest.root, source]]));
    connection.say({ type: "get-chunk", id: 1, root: manifest.root, index: 0, offset: 0, length: 2 * block });
    expect(Buffer.concat(connection.of("data").map(({ bytes }) => bytes)).equals(bytes)).toBe(true);
    expect([given.length, new Set(given).size]).toEqual([2, 1]);
  });

  it("A read of less than a block has memory of its own", async () => {
    const { given, ask } = await fileInto();
    ask(1, block - 1);
    expect(given).toEqual([undefined]);
  });
});
