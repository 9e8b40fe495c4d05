import { concat, map, NEVER, of, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "../download/swarm.js";
import { turns } from "../download/turns.js";

const kib = 1024;
const file = someBytes(512 * kib);
const whole = await manifestOf(file, 512 * kib);
const small = { pieceBytes: kib };

describe("a chunk that one peer brought and that is wrong", () => {
  it("A wrong chunk that one peer brought puts that peer into quarantine, and comes from another at once, with no retry", () => {
    const told = play(() => [scriptedPeer("liar", file, { corruptAt: 7 }), scriptedPeer("B", file)], {
      manifest: whole,
    });
    expect(told.of("peer-quarantined")).toMatchObject([{ peer: "liar", code: "CHECKSUM_MISMATCH", at: 0 }]);
    expect(told.of("peer-switched")).toMatchObject([{ from: "liar", to: "B", reason: "CHECKSUM_MISMATCH", at: 0 }]);
    expect(told.of("retry-scheduled")).toEqual([]);
    const [done] = told.of("download-completed");
    expect(done?.account).toMatchObject({ waste: { checksum: file.length }, recoveredChunks: 1, retries: {} });
  });

  it("A wrong chunk is asked of an only peer once more, which may come out well", () => {
    const told = play(() => [turns("A", file, [{ corruptAt: 7 }, {}])], { manifest: whole });
    expect(told.completed).toBe(true);
    expect(told.of("peer-quarantined")).toEqual([]);
    expect(told.of("attempt-failed")).toMatchObject([{ code: "CHECKSUM_MISMATCH", continued: true }]);
  });

  it("An only peer that was wrong twice ends the download", () => {
    const peer = turns("A", file, [{ corruptAt: 7 }]);
    const told = play(() => [peer], { manifest: whole });
    expect(peer.asked).toHaveLength(2);
    expect(told.of("peer-quarantined")).toMatchObject([{ peer: "A" }]);
    expect(told.error).toMatchObject({ code: "CHECKSUM_MISMATCH", cause: { code: "CHECKSUM_MISMATCH" } });
  });

  it("A wrong chunk comes from the next honest peer after any number of liars", () => {
    const liars = ["A", "B", "C", "D", "E"].map((id) => scriptedPeer(id, file, { corruptAt: 7 }));
    const told = play(() => [...liars, scriptedPeer("F", file)], { manifest: whole });
    expect(told.completed).toBe(true);
    expect(told.of("peer-quarantined")).toHaveLength(5);
    expect(told.of("retry-scheduled")).toEqual([]);
  });
});

describe("a chunk that two peers brought and that is wrong", () => {
  /** A brings half of it and breaks off twice; B brings the rest; C is free from 2 s on. */
  const halves = (wrong: { readonly a?: number; readonly b?: number }) => {
    const scheduler = new VirtualTimeScheduler();
    const half = { ...small, failAfterBytes: 256 * kib };
    const a = turns("A", file, [{ ...half, corruptAt: wrong.a ?? -1 }, { refuseWith: "PEER_REJECTED" }]);
    const b = turns("B", file, [{ corruptAt: wrong.b ?? -1, roundTripMs: 5000, scheduler }]);
    const c = turns("C", file, [{ roundTripMs: 10, scheduler }]);
    const peers = concat(of([a, b]), timer(2000, scheduler).pipe(map(() => [a, b, c])), NEVER);
    return { a, b, c, told: play(() => peers, { manifest: whole, scheduler }) };
  };

  it("A wrong chunk that two peers brought comes whole from a third, and only the liar, the first, is put into quarantine", () => {
    const { b, c, told } = halves({ a: 9 });
    expect(b.asked).toMatchObject([{ offset: 256 * kib }]);
    expect(c.asked).toMatchObject([{ offset: 0, length: 512 * kib }]);
    expect(told.of("peer-quarantined")).toMatchObject([{ peer: "A", code: "CHECKSUM_MISMATCH" }]);
    expect(told.of("peer-quarantined")).toHaveLength(1);
    expect(told.of("chunk-verified")).toMatchObject([{ peers: { C: 512 * kib } }]);
    expect(told.completed).toBe(true);
  });

  it("A wrong chunk that two peers brought comes whole from a third, and only the liar, the second, is put into quarantine", () => {
    const { c, told } = halves({ b: 300 * kib });
    expect(c.asked).toMatchObject([{ offset: 0, length: 512 * kib }]);
    expect(told.of("peer-quarantined")).toMatchObject([{ peer: "B", code: "CHECKSUM_MISMATCH" }]);
    expect(told.of("peer-quarantined")).toHaveLength(1);
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});
