import { createHash } from "node:crypto";
import { concat, EMPTY, ignoreElements, merge, NEVER, of, Subject, tap, throwError, timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { Agreement } from "../../src/download/Agreement.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { claimsNothing } from "../../src/storage/claimsNothing.js";
import { plainOf, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const manifest = plainOf(file, 1000);
const another = new DownloadError("RESOURCE_CHANGED", "another file", { peer: "A" });

/** A peer that brings a chunk each 100 ms or so. */
const slowly = { roundTripMs: 100 };

describe("a download whose peers may turn out to have another file", () => {
  it("A file gets its name when its peers agree, and not before", () => {
    let isHereAt = -1;
    const told = play((scheduler) => [scriptedPeer("A", file, { scheduler })], {
      manifest,
      agreement: (scheduler) => (isHere) =>
        merge(
          isHere.pipe(
            tap(() => (isHereAt = scheduler.now())),
            ignoreElements(),
          ),
          timer(5000, scheduler).pipe(ignoreElements()),
        ),
    });
    expect([told.completed, isHereAt < 1000, told.endedAt]).toEqual([true, true, 5000]);
  });

  it.each([
    ["right", file, undefined],
    ["wrong", file.subarray(1), "CHECKSUM_MISMATCH"],
  ])("A digest of the whole that comes up with the agreement is checked, and may be %s", (_how, bytes, code) => {
    const whole = { type: "sha-256", bytes: createHash("sha256").update(bytes).digest() } as const;
    const told = play((scheduler) => [scriptedPeer("A", file, { scheduler })], {
      manifest,
      agreement: () => () => of(whole),
    });
    expect([told.completed, told.of("download-failed")[0]?.code]).toEqual([code === undefined, code]);
    expect(told.of("checking").map(({ hash }) => hash)).toEqual(["sha-256"]);
    const [completed] = told.of("download-completed");
    if (code === undefined)
      expect(completed?.account).toMatchObject({ integrity: "file", checks: { whole: "sha-256" } });
  });

  it("A file is not waited for whose peers agree at once", () => {
    const told = play((scheduler) => [scriptedPeer("A", file, { scheduler })], {
      manifest,
      agreement: () => () => EMPTY,
    });
    expect([told.completed, told.endedAt < 1000]).toEqual([true, true]);
  });

  it("No record claims what came before the peers agree", () => {
    const [progress, sink] = [memoryProgress(), memorySink()];
    const claims: boolean[] = [];
    const watched = {
      ...progress,
      save: (checkpoint: Parameters<typeof progress.save>[0]) => {
        claims.push(!claimsNothing(checkpoint));
        return progress.save(checkpoint);
      },
    };
    const told = play((scheduler) => [scriptedPeer("A", file, { scheduler, ...slowly })], {
      ...{ manifest, sink, progress: watched },
      agreement: (scheduler) => () => timer(650, scheduler).pipe(ignoreElements()),
      config: { retry: { maxConcurrentChunks: 1 } },
    });
    expect(told.completed).toBe(true);
    const first = claims.indexOf(true);
    expect(first).toBeGreaterThan(1);
    expect(claims.slice(first)).not.toContain(false);
  });

  it("A download that is paused before its peers agree has saved nothing, and says so", () => {
    const progress = memoryProgress();
    const pauseWhen = new Subject<void>();
    const told = play(
      (scheduler) => {
        timer(350, scheduler).subscribe(() => pauseWhen.next());
        return [scriptedPeer("A", file, { scheduler, ...slowly })];
      },
      {
        ...{ manifest, progress, agreement: () => () => NEVER },
        config: { pauseWhen, retry: { maxConcurrentChunks: 1 } },
      },
    );
    expect(told.of("chunk-stored").length).toBeGreaterThan(0);
    expect(told.of("download-paused")[0]?.account.verified).toBe(0);
    expect(progress.saved() && claimsNothing(progress.saved() ?? { complete: Uint8Array.of(1), frontiers: {} })).toBe(
      true,
    );
  });

  it("A download whose peers turn out to have another file fails at once, and nothing of it counts", () => {
    const progress = memoryProgress();
    const failing: Agreement = () => throwError(() => another);
    const told = play((scheduler) => [scriptedPeer("A", file, { scheduler, ...slowly })], {
      ...{ manifest, progress },
      agreement: (scheduler) => (isHere) => concat(timer(350, scheduler).pipe(ignoreElements()), failing(isHere)),
      config: { retry: { maxConcurrentChunks: 1 } },
    });
    expect([told.error, told.endedAt]).toEqual([another, 350]);
    expect(told.of("download-failed")[0]).toMatchObject({ code: "RESOURCE_CHANGED", account: { verified: 0 } });
    expect(told.of("download-failed")[0]?.account.received).toBeGreaterThan(0);
    expect(progress.saved()).toMatchObject({ frontiers: {} });
  });

  it("What an earlier run has left is not gone on with before the peers agree, and stays where they do not", () => {
    const progress = memoryProgress();
    const sink = memorySink();
    const pauseWhen = new Subject<void>();
    const peers = (scheduler: Parameters<Parameters<typeof play>[0]>[0]) => [
      scriptedPeer("A", file, { scheduler, ...slowly }),
    ];
    play(
      (scheduler) => {
        timer(350, scheduler).subscribe(() => pauseWhen.next());
        return peers(scheduler);
      },
      { manifest, progress, sink, config: { pauseWhen, retry: { maxConcurrentChunks: 1 } } },
    );
    const before = progress.saved()?.complete;
    const told = play(peers, { manifest, progress, sink, agreement: () => () => throwError(() => another) });
    expect(told.of("attempt-started")).toEqual([]);
    expect(progress.saved()?.complete).toEqual(before);
    const agreed: (scheduler: Parameters<typeof peers>[0]) => Agreement = (scheduler) => () =>
      timer(2000, scheduler).pipe(ignoreElements());
    const last = play(peers, { manifest, progress, sink, agreement: agreed });
    expect([last.completed, last.of("attempt-started")[0]?.at]).toEqual([true, 2000]);
  });
});
