import { describe, expect } from "vitest";
import { it, MiB } from "./harness.js";
import { silentSeeder } from "./silentSeeder.js";

describe("a seeder that accepts and says nothing", () => {
  it("A seeder that accepts and says nothing costs the manifest seconds: another one is asked beside it", async ({
    stage,
  }) => {
    await stage.file(MiB);
    const silent = await silentSeeder("127.0.0.9");
    stage.atEnd(() => silent.close());
    const [seeder] = await stage.seed({});
    if (seeder === undefined) throw new Error("a seeder was asked for");
    const root = seeder.link.slice(seeder.link.lastIndexOf("/"));
    const get = stage.get([], `${silent.place}${root}`, seeder.link);
    await get.until("the download starts", () => get.all("download-started").length > 0);
    expect(get.all("question-hedged")).toMatchObject([{ primary: silent.place, backup: seeder.peer }]);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
  });
});
