import { fork } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { describe, expect } from "vitest";
import { bundled } from "../bundled.js";
import { Changes } from "./Changes.js";
import { exitOf } from "./exitOf.js";
import { it, KiB, MiB } from "./harness.js";

const program = bundled(new URL("unsubscribe.child.ts", import.meta.url));

describe("a program that unsubscribes in mid-download", () => {
  it("A program that unsubscribes in mid-download lets go of its sockets, ends by itself, and leaves what the next run takes up", async ({
    stage,
  }) => {
    const size = 16 * MiB;
    await stage.file(size);
    const [seeder] = await stage.seed({ rate: 4 * MiB });
    if (seeder === undefined) throw new Error("no seeder");
    const child = fork(program, [seeder.link, stage.out], { execArgv: [], silent: true });
    stage.atEnd(async () => {
      child.kill("SIGKILL");
      await exit;
    });
    const changes = new Changes();
    let ended: unknown;
    const exit = exitOf(child).then((code) => {
      ended = code;
      changes.changed();
    });
    if (child.stdout === null) throw new Error("no stdout");
    await once(child.stdout, "data");
    await changes.until("it ends by itself", () => ended !== undefined);
    expect(ended).toBe(0);
    await seeder.left();
    await access(`${stage.out}.part`);

    const get = stage.get([seeder]);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("download-started")[0]?.resumedChunks).toBeGreaterThanOrEqual(10);
    expect(get.all("notice")).toEqual([]);
    await seeder.left();
    expect(seeder.served.servedBytes).toBeLessThanOrEqual(size + 8 * 256 * KiB);
  });
});
