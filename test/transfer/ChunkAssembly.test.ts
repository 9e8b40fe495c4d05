import fc from "fast-check";
import { defer, lastValueFrom, Subject, toArray, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { ChunkAssembly } from "../../src/transfer/ChunkAssembly.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { digestOfAll, someBytes } from "../download/swarm.js";
import { assemblyParts } from "./assemblyParts.js";

const of = (bytes: Uint8Array): Uint8Array => digestOfAll(bytes);
const chunkOf = (length: number) => ({ index: 0, offset: 0, length });
const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });

describe("A chunk that grows in memory", () => {
  it("A chunk knows its digest, who brought what, and has it all in the sink, however the bytes were split among peers and blocks", async () => {
    const piece = fc.record({ peer: fc.constantFrom("A", "B", undefined), length: fc.nat(40), back: fc.nat(10) });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 300 }), async (pieces, block) => {
        const length = pieces.reduce((sum, each) => sum + each.length, 0);
        const bytes = someBytes(length);
        const parts = assemblyParts(block, length);
        const assembly = new ChunkAssembly(chunkOf(length), parts);
        const owners: (string | undefined)[] = [];
        for (const { peer, length, back } of pieces) {
          const { frontier } = assembly;
          const start = Math.max(0, frontier - back); // what lies below the frontier is a duplicate
          expect(assembly.accept(peer, start, bytes.subarray(start, frontier + length))).toBe(length);
          for (let i = 0; i < length; i++) owners.push(peer);
        }
        if (length === 0) return;
        expect(assembly).toMatchObject({ frontier: length, highest: length, isWhole: true });
        expect(sameBytes(assembly.digest(), of(bytes))).toBe(true);
        const named = owners.filter((owner) => owner !== undefined);
        expect(Object.values(assembly.peers).reduce((sum, each) => sum + each, 0)).toBe(named.length);
        let at = 0;
        for (const { peer, start, end, digest } of assembly.segments()) {
          expect(start).toBe(at);
          expect(owners.slice(start, end).every((owner) => owner === peer)).toBe(true);
          expect(sameBytes(digest, of(bytes.subarray(start, end)))).toBe(true);
          at = end;
        }
        expect(at).toBe(length);
        await done(assembly.flush());
        expect(assembly.written).toBe(length);
        expect(sameBytes(parts.sink.bytes(), bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("A chunk that begins anew has nothing, and is not fooled by writes from before", () => {
    const bytes = someBytes(10);
    const parts = assemblyParts();
    const ends: Subject<never>[] = [];
    const begun = (): Observable<never> => {
      const end = new Subject<never>();
      ends.push(end);
      return end;
    };
    const sink = { ...parts.sink, write: () => defer(begun) };
    const assembly = new ChunkAssembly(chunkOf(10), { ...parts, sink });
    assembly.accept("A", 0, bytes.subarray(0, 6));
    assembly.accept(undefined, 6, bytes.subarray(6, 8));
    assembly.store();
    expect(assembly.restart()).toBe(6);
    assembly.accept("B", 0, bytes);
    assembly.store();
    expect(ends).toHaveLength(1); // the second write waits for the first, which is for the same place
    ends[0]?.complete();
    expect(assembly).toMatchObject({ frontier: 10, highest: 10, written: 0, peers: { B: 10 } });
    ends[1]?.complete();
    expect(assembly.written).toBe(10);
    expect(sameBytes(assembly.digest(), of(bytes))).toBe(true);
  });

  it.each([
    ["fits into a block", 100],
    ["is larger than a block", 8],
  ])("A chunk goes on from what it released, when it %s", async (_, block) => {
    const bytes = someBytes(30);
    const parts = assemblyParts(block, 30);
    const assembly = new ChunkAssembly(chunkOf(30), parts);
    assembly.accept("A", 0, bytes.subarray(0, 13));
    assembly.release();
    expect(assembly.written).toBe(13);
    await lastValueFrom(assembly.load().pipe(toArray()));
    assembly.accept("B", 13, bytes.subarray(13));
    expect(sameBytes(assembly.digest(), of(bytes))).toBe(true);
    expect(assembly.segments().map(({ peer, digest }) => [peer, digest])).toEqual([
      ["A", of(bytes.subarray(0, 13))],
      ["B", of(bytes.subarray(13))],
    ]);
    await done(assembly.flush());
    expect(sameBytes(parts.sink.bytes(), bytes)).toBe(true);
  });

  it.each([100, 8])(
    "A chunk reads what an earlier run left, or as much as is there of it (blocks of %i bytes)",
    async (block) => {
      const bytes = someBytes(30);
      for (const there of [20, 12]) {
        const parts = assemblyParts(block, 30);
        parts.sink.write(0, bytes.subarray(0, there)).subscribe();
        const assembly = new ChunkAssembly(chunkOf(30), parts, { frontier: 20 });
        expect(assembly).toMatchObject({ frontier: 20, written: 20 });
        const read = await lastValueFrom(assembly.load().pipe(toArray()));
        expect(read.reduce((sum, each) => sum + each, 0)).toBe(there);
        expect(assembly).toMatchObject({ frontier: there, written: there, peers: {} });
        assembly.accept("B", there, bytes.subarray(there));
        expect(sameBytes(assembly.digest(), of(bytes))).toBe(true);
      }
    },
  );

  it("A chunk gives its memory back only after what is in it was written", () => {
    const parts = assemblyParts(10, 10);
    const written = new Subject<never>();
    const given: Uint8Array[] = [];
    parts.blocks.give = (block) => void given.push(block);
    const assembly = new ChunkAssembly(chunkOf(10), { ...parts, sink: { ...parts.sink, write: () => written } });
    assembly.accept("A", 0, someBytes(10));
    assembly.release();
    expect(given).toEqual([]);
    written.complete();
    expect(given).toHaveLength(1);
  });

  it("A chunk that is left while what it goes on from is brought back keeps no memory", () => {
    const parts = assemblyParts(100, 30);
    const written = new Subject<never>();
    const reads = new Subject<Uint8Array>();
    const sink = { ...parts.sink, write: () => written, read: () => reads };
    const taken = new Set<Uint8Array>();
    parts.blocks.take = () => {
      const block = new Uint8Array(parts.blocks.blockBytes);
      taken.add(block);
      return block;
    };
    parts.blocks.give = (block) => void taken.delete(block);
    const assembly = new ChunkAssembly(chunkOf(30), { ...parts, sink });
    assembly.accept("A", 0, someBytes(13));
    assembly.release();
    assembly.load().subscribe().unsubscribe(); // it waits for the write
    expect(taken.size).toBe(1); // that of the write
    written.complete();
    expect(taken.size).toBe(0);
    assembly.load().subscribe().unsubscribe();
    expect([reads.observed, taken.size]).toEqual([false, 0]);
  });

  it("A write that failed is told to whoever flushes a chunk, and whoever waits for it, and nothing more is written", async () => {
    const parts = assemblyParts(4, 10);
    const writes: number[] = [];
    const failed = new Subject<never>();
    const sink = { ...parts.sink, write: (offset: number) => defer(() => (writes.push(offset), failed)) };
    const assembly = new ChunkAssembly(chunkOf(10), { ...parts, sink });
    let broken: unknown;
    assembly.broken.subscribe({ error: (error: unknown) => (broken = error) });
    assembly.accept("A", 0, someBytes(4));
    failed.error("disk full");
    assembly.accept("A", 4, someBytes(6));
    expect(broken).toBe("disk full");
    await done(assembly.flush());
    await expect(done(assembly.sound())).rejects.toBe("disk full");
    expect(writes).toEqual([0]);
    expect(assembly.written).toBe(0);
    let late: unknown;
    assembly.broken.subscribe({ error: (error: unknown) => (late = error) });
    expect(late).toBe("disk full");
  });

  it("A flush waits for the writes that were there when it was asked, and for no later ones", () => {
    const parts = assemblyParts(4, 12);
    const ends: Subject<never>[] = [];
    const begun = (): Observable<never> => {
      const end = new Subject<never>();
      ends.push(end);
      return end;
    };
    const assembly = new ChunkAssembly(chunkOf(12), { ...parts, sink: { ...parts.sink, write: () => defer(begun) } });
    assembly.accept("A", 0, someBytes(4));
    let isFlushed = false;
    assembly.flush().subscribe({ complete: () => (isFlushed = true) });
    assembly.accept("A", 4, someBytes(4));
    expect(isFlushed).toBe(false);
    ends[0]?.complete();
    expect(isFlushed).toBe(true);
    expect(assembly.written).toBe(4);
  });

  it("A chunk that begins anew leaves its memory to a write that still reads from it", () => {
    const parts = assemblyParts(10, 10);
    const handed: Uint8Array[] = [];
    const sink = { ...parts.sink, write: (_: number, bytes: Uint8Array) => (handed.push(bytes), new Subject<never>()) };
    const assembly = new ChunkAssembly(chunkOf(10), { ...parts, sink });
    assembly.accept("A", 0, someBytes(10));
    assembly.store();
    assembly.restart();
    assembly.accept("B", 0, new Uint8Array(10));
    expect(handed[0]).toEqual(someBytes(10));
  });

  it("A chunk is nobody's where the disk changed it while its memory was given back", async () => {
    const parts = assemblyParts(100, 30);
    const assembly = new ChunkAssembly(chunkOf(30), parts);
    assembly.accept("A", 0, someBytes(13));
    assembly.release();
    parts.sink.write(3, Uint8Array.of(99)).subscribe();
    await lastValueFrom(assembly.load().pipe(toArray()));
    expect(assembly).toMatchObject({ frontier: 13, peers: {} });
    expect(assembly.restart()).toBe(13); // they came over the wire all the same
  });
});
