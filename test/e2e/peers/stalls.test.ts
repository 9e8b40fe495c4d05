import { describe, expect } from "vitest";
import type { Link, LinkOrder } from "../../../bench/faults/Link.js";
import type { GetProcess } from "./GetProcess.js";
import type { Stage } from "./harness.js";
import { it, KiB, MiB } from "./harness.js";

const size = 12 * MiB;
const bytesPerSecond = 6 * MiB;

interface Scene {
  readonly get: GetProcess;
  readonly links: readonly Link[];
  readonly peers: readonly string[];
}

/** Seeders behind lines of 6 MiB/s each; the first one's changes. */
async function play(stage: Stage, seeders: number, change: LinkOrder["change"], ...args: string[]): Promise<Scene> {
  await stage.file(size);
  const processes = await stage.seed(...Array.from({ length: seeders }, () => ({})));
  const links = await stage.lines(processes, (index) => ({
    bytesPerSecond,
    ...(index === 0 && change !== undefined && { change }),
  }));
  const peers = links.map(({ link }) => link.slice(0, link.lastIndexOf("/")));
  return { get: stage.get(links, ...args), links, peers };
}

describe("with one of two lines silent from mid-file on", () => {
  it("With one of two lines silent, the other brings what was under way there, from the frontier, and hardly a byte twice", async ({
    stage,
  }) => {
    const { get, links, peers } = await play(stage, 2, { afterBytes: 3 * MiB, bytesPerSecond: 0 });
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(links[0]?.passedBytes()).toBeGreaterThan(2 * MiB);
    const helped = get.all("hedge-started");
    expect(helped.length).toBeGreaterThan(0);
    expect(helped.every(({ backup }) => backup === peers[1])).toBe(true);
    expect(get.account.received).toBeLessThanOrEqual(1.02 * size);
    expect(get.all("retry-scheduled")).toEqual([]);
  });
});

describe("with --no-parallel-retries, and one of two lines silent from mid-file on", () => {
  it("With no parallel retries and one of two lines silent, only the time limit of an attempt helps, and nobody is asked beside another", async ({
    stage,
  }) => {
    const args = ["--no-parallel-retries", "--chunk-timeout-secs", "2", "--initial-backoff-ms", "10"];
    const { get } = await play(stage, 2, { afterBytes: 3 * MiB, bytesPerSecond: 0 }, ...args);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("hedge-started")).toEqual([]);
    expect(new Set(get.all("attempt-failed").map(({ code }) => code))).toEqual(new Set(["TIMEOUT"]));
    expect(get.all("retry-scheduled").length).toBeGreaterThan(0);
  });
});

describe("with one of two lines down to 20 KB/s from mid-file on", () => {
  it("With one of two lines down to 20 KB/s, the other takes over", async ({ stage }) => {
    const { get, peers } = await play(stage, 2, { afterBytes: 3 * MiB, bytesPerSecond: 20_000 });
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("hedge-started").some(({ backup }) => backup === peers[1])).toBe(true);
    expect(get.account.received).toBeLessThanOrEqual(1.05 * size);
  });
});

describe("with one of two seeders corrupt", () => {
  it("With one of two seeders corrupt, at most 15 % more than the file is received, and it is quarantined once", async ({
    stage,
  }) => {
    await stage.file(size);
    const seeders = await stage.seed({ rate: bytesPerSecond, corrupt: true }, { rate: bytesPerSecond });
    const get = stage.get(seeders);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("peer-quarantined").map(({ peer }) => peer)).toEqual([seeders[0]?.peer]);
    expect(get.account.received).toBeLessThanOrEqual(1.15 * size);
  });
});

describe("with the only line silent after a while", () => {
  it("With the only line silent after a while, the connection is given up, and a new one goes on from the frontiers", async ({
    stage,
  }) => {
    await stage.file(2 * MiB);
    const [seeder] = await stage.seed({ stallAfterBytes: MiB, rate: 4 * MiB });
    const get = stage.get(seeder === undefined ? [] : [seeder]);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("attempt-failed").some(({ code }) => code === "STALLED")).toBe(true);
    expect(seeder?.served.dials).toBeGreaterThanOrEqual(2);
    expect(get.account.received).toBeLessThanOrEqual(2 * MiB + 256 * KiB);
  });
});
