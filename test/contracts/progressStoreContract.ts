import { lastValueFrom, merge, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import type { ProgressStore } from "../../src/storage/ProgressStore.js";

export const aFile = { root: "ab".repeat(32), size: 10_000, chunkSize: 1000 };

/** A checkpoint with everything in it. */
export const aCheckpoint: Checkpoint = {
  version: 1,
  ...aFile,
  name: "a.iso",
  complete: Uint8Array.of(0b11, 0b10),
  frontiers: { "2": 500 },
  failed: [{ chunkIndex: 4, attemptCount: 4, lastAttempt: 1e12, lastPeer: "ws://a", lastError: "TIMEOUT" }],
  peers: {
    "ws://a": {
      ...{ ok: 1.5, failed: 0.25, bytesPerSecond: 1e6, roundTripMs: 3.5, failures: 2, heardAt: 1e12 },
      ...{ blacklistedUntil: 1e12, blacklistedFor: "TIMEOUT", quarantinedFor: "INVALID_CHUNK" },
    },
  },
  cleanStamp: "10-20",
  resumes: 3,
  savedAt: 1e12,
};

const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });

/** Every ProgressStore does this. `store` gives a store over the same, at first empty, place each time it is called. */
export function progressStoreContract(name: string, house: () => Promise<() => ProgressStore>): void {
  const loaded = (store: ProgressStore) => lastValueFrom(store.load());

  describe(`${name} as a ProgressStore`, () => {
    it("A progress store has nothing at first", async () => {
      const store = (await house())();
      expect(await loaded(store)).toBeUndefined();
    });

    it("A progress store gives back what was saved, also to the next one", async () => {
      const open = await house();
      const store = open();
      await done(store.save(aCheckpoint));
      expect(await loaded(store)).toEqual(aCheckpoint);
      expect(await loaded(open())).toEqual(aCheckpoint);
    });

    it("A progress store keeps the last of many saves, in the order of their subscription", async () => {
      const store = (await house())();
      const saves = Array.from({ length: 20 }, (_, savedAt) => store.save({ ...aCheckpoint, savedAt }));
      await done(merge(...saves));
      expect(await loaded(store)).toMatchObject({ savedAt: 19 });
    });

    it("A progress store saves nothing before somebody subscribes", async () => {
      const store = (await house())();
      store.save(aCheckpoint);
      expect(await loaded(store)).toBeUndefined();
    });

    it("A progress store ends a save that was unsubscribed", async () => {
      const store = (await house())();
      store.save(aCheckpoint).subscribe().unsubscribe();
      expect(await loaded(store)).toEqual(aCheckpoint);
    });

    it("A progress store is not changed by what happens to a checkpoint afterwards", async () => {
      const store = (await house())();
      const complete = Uint8Array.of(1, 0);
      await done(store.save({ ...aCheckpoint, complete }));
      complete[0] = 255;
      expect(await loaded(store)).toMatchObject({ complete: Uint8Array.of(1, 0) });
    });

    it("A progress store forgets when cleared, as often as one likes", async () => {
      const store = (await house())();
      await done(store.save(aCheckpoint));
      await done(store.clear());
      expect(await loaded(store)).toBeUndefined();
      await done(store.clear());
    });
  });
}
