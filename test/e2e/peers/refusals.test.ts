import { access, readdir } from "node:fs/promises";
import { describe, expect } from "vitest";
import { it, KiB, MiB, servedBy } from "./harness.js";

describe.concurrent("a seeder that wants another token", () => {
  it("A seeder that wants another token is asked once: exit 6, without a retry", async ({ stage }) => {
    await stage.file(MiB);
    const seeders = await stage.seed({ token: "right" });
    const get = stage.get(seeders, "--token", "127.0.0.2=wrong");
    expect(await get.ended()).toBe(6);
    expect(get.all("retry-scheduled")).toEqual([]);
    expect(get.events.at(-1)).toMatchObject({ type: "download-failed", code: "AUTH_FAILED" });
    await seeders[0]?.until("the refusal is reported", () => seeders[0]?.served.refused === 1);
    expect(seeders[0]?.served).toEqual({ servedBytes: 0, requests: 0, connections: 0, dials: 0, refused: 1 });
    expect(get.stderr).not.toContain("wrong\n");
    expect(await readdir(stage.folder)).toEqual(["original"]);
  });

  it("A seeder that wants another token is left out where others serve: the download goes on with them, and it is asked no more", async ({
    stage,
  }) => {
    const size = 4 * MiB;
    await stage.file(size);
    const seeders = await stage.seed({ token: "right" }, {});
    const get = stage.get(seeders, "--token", "127.0.0.2=wrong");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("retry-scheduled")).toEqual([]);
    expect(get.account.bytesByPeer).toEqual({ [seeders[1]?.peer ?? ""]: size });
    // Once for the manifest, once for chunks.
    expect(seeders[0]?.served.refused).toBeLessThanOrEqual(2);
  });
});

describe.concurrent("a second process on one download", () => {
  it("A second process on one download is refused with exit 7, while the first goes on", async ({ stage }) => {
    const size = 32 * MiB;
    await stage.file(size);
    const seeders = await stage.seed({});
    // So slow that it takes minutes, until the second has looked.
    const lines = await stage.lines(seeders, () => ({ bytesPerSecond: 256 * KiB }));
    const first = stage.get(lines);
    await first.verified(1);
    const second = stage.get(lines);
    expect(await second.ended()).toBe(7);
    expect(second.events.at(-1)).toMatchObject({ type: "download-failed", code: "LOCKED", resumable: false });
    expect(second.stderr).toContain(`process ${first.pid ?? 0}`);
    await access(`${stage.out}.part`);
    lines[0]?.become(64 * MiB);
    expect(await first.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(first.account.received).toBe(size);
    await seeders[0]?.left();
    expect(servedBy(seeders)).toBe(size);
  });
});
