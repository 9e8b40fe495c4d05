import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "./harness.js";

const size = 1_500_000;
// Every connection ends in the middle of a chunk, so that the next dial comes soon, and without a failure.
const order = { rate: 400_000, dropEveryBytes: 300_000 };

describe.concurrent("a download whose network goes away", () => {
  it.for(["ENETUNREACH", "ENOTFOUND"])(
    "A download whose network goes away waits (%s), and goes on without a retry",
    async (fault, { stage }) => {
      const flag = join(stage.folder, "network-down");
      await stage.file(size);
      const [seeder] = await stage.seed(order);
      if (seeder === undefined) throw new Error("no seeder");
      const get = stage.getByName(seeder, "--max-chunks-per-peer", "1");
      await get.verified(1);
      await writeFile(flag, fault);
      const offline = () => get.all("waiting").filter(({ reason }) => reason === "offline");
      await get.until("it has asked in vain", () => offline().length >= 3);
      await rm(flag);
      expect(await get.ended()).toBe(0);
      expect(await stage.isRight()).toBe(true);
      expect(offline().map(({ at, untilMs = at }) => untilMs - at)).toEqual(
        [1000, 2000, 4000].slice(0, offline().length),
      );
      expect(get.account).toMatchObject({ retries: {}, received: size });
      expect(get.all("peer-blacklisted")).toEqual([]);
      expect(get.all("notice")).toMatchObject([{ message: "The network is back" }]);
      expect(get.all("attempt-failed").some(({ message }) => message.includes(fault))).toBe(true);
    },
  );

  it("A download whose network stays away fails after maxOfflineSecs, with exit 3, and can be gone on with", async ({
    stage,
  }) => {
    const flag = join(stage.folder, "network-down");
    await stage.file(size);
    const [seeder] = await stage.seed(order);
    if (seeder === undefined) throw new Error("no seeder");
    const get = stage.getByName(seeder, "--max-chunks-per-peer", "1", "--max-offline-secs", "2");
    await get.verified(1);
    await writeFile(flag, "ENETUNREACH");
    expect(await get.ended()).toBe(3);
    expect(get.all("download-failed")).toMatchObject([{ code: "NETWORK_DOWN", resumable: true }]);
    expect(get.stderr).toContain("no network for 2.0 s: ");
    await rm(flag);
    const again = stage.getByName(seeder, "--max-chunks-per-peer", "1");
    expect(await again.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(again.account.resumed).toBeGreaterThan(0);
  });
});
