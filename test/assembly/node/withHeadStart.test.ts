import { of, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { withHeadStart } from "../../../src/assembly/node/withHeadStart.js";
import type { ByteRange, Peer, Receiver } from "../../../src/peers/Peer.js";

const file = Uint8Array.from({ length: 10 }, (_, at) => at);

/** A peer that has all of the file, and what it was asked for. */
function peer(more: Partial<Peer> = {}): { readonly peer: Peer; readonly asked: ByteRange[] } {
  const asked: ByteRange[] = [];
  const request = (range: ByteRange) => {
    asked.push(range);
    return of(file.subarray(range.position, range.position + range.length));
  };
  return { asked, peer: { id: "A", ranges: true, request, ...more } };
}

const chunk = (index: number): ByteRange => ({ chunk: index, offset: 0, position: index * 4, length: 4 });

function bytesOf(from: Peer, range: ByteRange): readonly number[] {
  const bytes: number[] = [];
  from.request(range).subscribe((piece) => bytes.push(...piece));
  return bytes;
}

describe("a peer with a head start", () => {
  it("What is here of a chunk comes at once, and the peer is asked for what follows", () => {
    const { peer: a, asked } = peer();
    const ahead = withHeadStart(a, { bytes: file.subarray(0, 6) });
    expect(bytesOf(ahead, chunk(0))).toEqual([0, 1, 2, 3]);
    expect(bytesOf(ahead, chunk(1))).toEqual([4, 5, 6, 7]);
    expect(asked).toEqual([{ chunk: 1, offset: 2, position: 6, length: 2 }]);
  });

  it("A chunk that is asked for again comes from the peer, all of it", () => {
    const { peer: a, asked } = peer();
    const ahead = withHeadStart(a, { bytes: file.subarray(0, 6).map(() => 9) });
    expect(bytesOf(ahead, chunk(0))).toEqual([9, 9, 9, 9]);
    expect(bytesOf(ahead, chunk(0))).toEqual([0, 1, 2, 3]);
    expect(asked).toEqual([chunk(0)]);
  });

  it("A chunk that is not here comes from the peer", () => {
    const { peer: a, asked } = peer();
    expect(bytesOf(withHeadStart(a, { bytes: file.subarray(0, 4) }), chunk(1))).toEqual([4, 5, 6, 7]);
    expect(asked).toEqual([chunk(1)]);
  });

  it("A peer that reads into memory does so behind what is here, and is not asked where nothing is missing", () => {
    const took: (number | "complete")[] = [];
    const receiver: Receiver = {
      room: () => new Uint8Array(4),
      filled: () => undefined,
      take: (bytes) => void took.push(...bytes),
      complete: () => void took.push("complete"),
      fail: () => undefined,
    };
    const read: ByteRange[] = [];
    const { peer: a } = peer({ read: (range) => (read.push(range), () => undefined) });
    const ahead = withHeadStart(a, { bytes: file.subarray(0, 6) });
    ahead.read?.(chunk(0), receiver);
    ahead.read?.(chunk(1), receiver);
    expect(took).toEqual([0, 1, 2, 3, "complete", 4, 5]);
    expect(read).toEqual([{ chunk: 1, offset: 2, position: 6, length: 2 }]);
  });

  it("The failure of the answer is that of the request that goes on from its end, once", () => {
    const { peer: a, asked } = peer();
    const failure = new Error("broke off");
    const ahead = withHeadStart(a, { bytes: file.subarray(0, 6), failure });
    const seen: unknown[] = [];
    const observer = { next: (piece: Uint8Array) => seen.push(...piece), error: (error: unknown) => seen.push(error) };
    ahead.request(chunk(0)).subscribe(observer);
    ahead.request(chunk(1)).subscribe(observer);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, failure]);
    expect(asked).toEqual([]);
    expect(bytesOf(ahead, { chunk: 1, offset: 2, position: 6, length: 2 })).toEqual([6, 7]);
  });

  it("The failure of the answer reaches a peer that reads into memory, behind what is here", () => {
    const seen: unknown[] = [];
    const receiver: Receiver = {
      room: () => new Uint8Array(4),
      filled: () => undefined,
      take: (bytes) => void seen.push(...bytes),
      complete: () => void seen.push("complete"),
      fail: (error) => void seen.push(error),
    };
    const read: ByteRange[] = [];
    const { peer: a } = peer({ read: (range) => (read.push(range), () => undefined) });
    const ahead = withHeadStart(a, { bytes: new Uint8Array(), failure: "refused" });
    ahead.read?.(chunk(0), receiver);
    expect([seen, read]).toEqual([["refused"], []]);
    ahead.read?.(chunk(0), receiver);
    expect(read).toEqual([chunk(0)]);
  });

  it("A peer is in all else what it was, also when that changes", () => {
    const changes = new Subject<void>();
    const a = { ...peer({ changes, bears: 3, connectsEach: true, has: (index) => index === 1 }).peer, isFilling: true };
    let renewed = 0;
    const ahead = withHeadStart(Object.assign(a, { renew: () => (renewed += 1) }), { bytes: file });
    Object.assign(a, { ranges: false, isFilling: false });
    expect(ahead).toMatchObject({ id: "A", ranges: false, isFilling: false, bears: 3, connectsEach: true, changes });
    ahead.renew?.();
    expect([ahead.has?.(0), ahead.has?.(1), renewed]).toEqual([false, true, 1]);
    expect(ahead).not.toHaveProperty("read");
  });
});
