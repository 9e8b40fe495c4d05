import { timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import type { MemoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { PeerMemory } from "../../src/download/PeerMemory.js";
import type { PeerRecord } from "../../src/peers/PeerRecord.js";
import { manifestOf, openEnded, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const manifest = await manifestOf(file, 1000);
const days = 24 * 3600 * 1000;

/** A scheduler whose time begins so late that what is known has an age. */
function startingAt(ms: number): VirtualTimeScheduler {
  const scheduler = new VirtualTimeScheduler(undefined, ms + 1_000_000);
  scheduler.frame = ms;
  return scheduler;
}

describe("what a checkpoint and the catalogue say of one peer", () => {
  const older = { ok: 1, failed: 0, failures: 0, heardAt: 1000 };
  const newer = { ok: 0, failed: 9, failures: 9, heardAt: 2000 };
  const memory = (own: typeof older, catalogued: typeof older) =>
    new PeerMemory({ peers: { A: own }, savedAt: 3000 }, { A: catalogued }, 2000);

  it("The record of a peer is that of the checkpoint or of the catalogue, whichever heard it later", () => {
    expect(memory(older, newer).records).toEqual({ A: newer });
    expect(memory(newer, older).records).toEqual({ A: newer });
  });

  it("The delta for the catalogue leaves out what it knows already, and brings what it does not", () => {
    const known = memory(older, newer);
    expect(known.delta(known.records)).toEqual({});
    const ahead = memory(newer, older);
    expect(ahead.delta(ahead.records)["A"]).toMatchObject({ ok: 0, failed: 9, heardAt: 2000 });
  });

  it("The record of a peer in an old checkpoint that does not say its age is as old as the checkpoint", () => {
    const { heardAt: _, ...undated } = older;
    const known = new PeerMemory({ peers: { A: undated }, savedAt: 3000 }, { A: newer }, 3000);
    expect(known.records["A"]).toEqual({ ...undated, heardAt: 3000 });
  });

  it("The record of a peer halves with the time since that peer was heard, not since the record was saved", () => {
    const peers = { A: older, B: { ...older, heardAt: 1000 + 14 * days } };
    const { records } = new PeerMemory({ peers, savedAt: 1000 + 14 * days }, {}, 1000 + 14 * days);
    expect(records).toMatchObject({ A: { ok: 0.5 }, B: { ok: 1 } });
  });

  it("The record of a peer stays as it was while nobody hears of the peer, however often it is loaded and saved", () => {
    const peers = { A: { ok: 64, failed: 32, failures: 4, heardAt: 1000 } };
    const now = 1000 + 14 * days;
    let saved: Readonly<Record<string, PeerRecord>> = peers;
    for (let run = 0; run < 4; run++) {
      const known = new PeerMemory({ peers: saved, savedAt: now }, {}, now);
      expect(known.records["A"]).toMatchObject({ ok: 32, failed: 16, failures: 2 });
      saved = known.ofThisDownload(known.records);
    }
    expect(saved).toEqual(peers);
  });

  it("The record of a peer that was heard is saved as it is by now", () => {
    const now = 1000 + 14 * days;
    const known = new PeerMemory({ peers: { A: { ...older, ok: 64 } }, savedAt: now }, {}, now);
    const heard = { ...older, ok: 33, heardAt: now };
    expect(known.ofThisDownload({ A: heard })).toEqual({ A: heard });
  });

  it("The record of a peer keeps its counts, too, when all that happens is that its blacklist goes on", () => {
    const now = 1000 + 14 * days;
    const blacklisted = { blacklistedUntil: now + 60_000, blacklistedFor: "CONNECTION_REFUSED" } as const;
    const record = { ok: 64, failed: 32, failures: 4, heardAt: 1000, ...blacklisted };
    const dead = scriptedPeer("A", file, { hang: true });
    const run = (progress: MemoryProgress) => {
      const scheduler = startingAt(now);
      const config = { pauseWhen: timer(10, scheduler) };
      const told = play(() => openEnded([dead]), { manifest, scheduler, progress, config });
      return { told, checkpoint: progress.saved() };
    };
    const { checkpoint } = run(memoryProgress());
    const { told, checkpoint: again } = run(memoryProgress(checkpoint && { ...checkpoint, peers: { A: record } }));
    expect(told.of("peer-blacklisted")[0]).toMatchObject({ peer: "A", code: "CONNECTION_REFUSED" });
    expect(again?.peers["A"]).toEqual(record);
  });

  it("A peer that has the name of what every object has is not taken for known", () => {
    const known = new PeerMemory(undefined, {}, 0);
    const records = { constructor: older };
    expect(known.delta(records)).toEqual(records);
  });
});
