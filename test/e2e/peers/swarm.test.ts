import { BehaviorSubject, lastValueFrom, tap, timeout } from "rxjs";
import { describe, expect } from "vitest";
import type { DownloadEvent } from "../../../src/index.js";
import { downloadFile } from "../../../src/node.js";
import { it, KiB, MiB } from "./harness.js";

describe("five seeders, of which two die and one corrupts", () => {
  it("Five seeders, of which two die and one corrupts, give the file, with at most 5 % of its bytes in vain", async ({
    stage,
  }) => {
    const size = 64 * MiB;
    const rate = 8 * MiB;
    await stage.file(size);
    const seeders = await stage.seed({ rate }, { rate }, { rate }, { rate }, { rate, corrupt: true });
    const [, , early, late, liar] = seeders;
    const get = stage.get(seeders);
    await get.verified(0.2 * size);
    await early?.kill();
    await get.verified(0.5 * size);
    await late?.kill();
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.account.received).toBeLessThanOrEqual(1.05 * size);
    expect(get.all("peer-quarantined").map(({ peer }) => peer)).toEqual([liar?.peer]);
    expect(get.account.bytesByPeer[early?.peer ?? ""]).toBeGreaterThan(0);
    expect(get.account.bytesByPeer[late?.peer ?? ""]).toBeGreaterThan(0);
  });
});

describe("a seeder that joins in mid-download", () => {
  it("A seeder that joins in mid-download gets work", async ({ stage }) => {
    const size = 8 * MiB;
    await stage.file(size);
    const [first, second] = await stage.seed({ rate: 256 * KiB }, {});
    const { link = "" } = first ?? {};
    const later = new BehaviorSubject<readonly string[]>([]);
    const events: DownloadEvent[] = [];
    let joinedAt: number | undefined;
    const last = await lastValueFrom(
      downloadFile(link, { out: stage.out, peers: later }).pipe(
        timeout({ each: 100_000 }),
        tap((event) => {
          events.push(event);
          if (event.type !== "chunk-verified" || joinedAt !== undefined) return;
          joinedAt = events.length;
          later.next([second?.link ?? ""]);
        }),
      ),
    );
    expect(await stage.isRight()).toBe(true);
    const { peer = "" } = second ?? {};
    expect(events.findIndex((event) => event.type === "peer-joined" && event.peer === peer)).toBeGreaterThanOrEqual(
      joinedAt ?? Infinity,
    );
    expect(last).toMatchObject({ type: "download-completed", account: { retries: {} } });
    // Alone, the one that was there before would take half a minute.
    expect(second?.served.servedBytes).toBeGreaterThan(size / 2);
  });
});
