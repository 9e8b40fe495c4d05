import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { freePort } from "../../../bench/freePort.js";
import { GetProcess, program } from "./GetProcess.js";
import { it, MiB, servedBy, type Stage } from "./harness.js";

const size = 16 * MiB;
const count = 8;

/** Starts downloads that seed and know each other. */
async function crowd(
  stage: Stage,
  link: string,
): Promise<readonly { readonly get: GetProcess; readonly out: string }[]> {
  const ports = await Promise.all(Array.from({ length: count }, () => freePort("127.0.0.1")));
  const known = ports.flatMap((port) => ["-p", `ws://127.0.0.1:${port}`]);
  return ports.map((port, index) => {
    const out = join(stage.folder, `copy${index}`);
    const seeding = ["--seed", "--seed-port", `${port}`, "--seed-minutes", "1"];
    const words = [program, "get", link, ...known, "-o", out, "--no-catalogue", ...seeding, "--json"];
    const get = new GetProcess(stage.folder, process.execPath, words);
    stage.atEnd(() => get.kill("SIGKILL"));
    return { get, out };
  });
}

async function areRight(stage: Stage, all: Awaited<ReturnType<typeof crowd>>): Promise<void> {
  await Promise.all(all.map(({ get }) => get.until("it is whole", () => get.all("download-completed").length > 0)));
  for (const { out } of all) expect(stage.bytes.equals(await readFile(out))).toBe(true);
}

it("Eight downloads that seed get the file of one seeder, which serves less than half of what it would have to alone", async ({
  stage,
}) => {
  await stage.file(size);
  const [seeder] = await stage.seed({ rate: 5 * MiB });
  const all = await crowd(stage, seeder?.link ?? "");
  await areRight(stage, all);
  expect(servedBy(seeder === undefined ? [] : [seeder])).toBeLessThan((count * size) / 2);
});

it("Three downloads that seed and know the seeder alone get chunks from each other", async ({ stage }) => {
  await stage.file(size);
  const [seeder] = await stage.seed({ rate: 3 * MiB });
  const all = ["a", "b", "c"].map((name) => {
    const out = join(stage.folder, name);
    const words = [program, "get", seeder?.link ?? "", "-o", out, "--no-catalogue", "--seed", "--json"];
    const get = new GetProcess(stage.folder, process.execPath, words);
    stage.atEnd(() => get.kill("SIGKILL"));
    return { get, out };
  });
  await areRight(stage, all);
  for (const { get } of all) {
    const joined = get.all("peer-joined").filter(({ source }) => source === "exchange");
    expect(new Set(joined.map(({ peer }) => peer)).size).toBe(2);
    const brought = joined.map(({ peer }) => get.account.bytesByPeer[peer] ?? 0);
    expect(Math.max(...brought)).toBeGreaterThan(0);
  }
  expect(servedBy(seeder === undefined ? [] : [seeder])).toBeLessThan(2.5 * size);
});

it("Downloads that seed finish without the seeder when every chunk is among them", async ({ stage }) => {
  await stage.file(size);
  const [seeder] = await stage.seed({ rate: 5 * MiB });
  const all = await crowd(stage, seeder?.link ?? "");
  const [{ get: first } = { get: undefined }] = all;
  await first?.until(
    "one of them is whole",
    () => all.some(({ get }) => get.all("download-completed").length > 0) || spread(all),
  );
  await seeder?.kill();
  await areRight(stage, all);
});

/** True when every chunk is out once. */
function spread(all: Awaited<ReturnType<typeof crowd>>): boolean {
  const chunks = new Set(all.flatMap(({ get }) => [...get.chunks("chunk-verified")]));
  const [started] = all.flatMap(({ get }) => get.all("download-started"));
  return started !== undefined && chunks.size === started.manifest.chunkCount;
}
