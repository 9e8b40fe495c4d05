import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { filter, NEVER, startWith } from "rxjs";
import { expect } from "vitest";
import { freePort } from "../../../bench/freePort.js";
import { DhtNode } from "../../../src/adapters/dht/DhtNode.js";
import { loopbackTable } from "../../adapters/dht/loopbackTable.js";
import { GetProcess, program } from "./GetProcess.js";
import { it, MiB, type Stage } from "./harness.js";

const size = 8 * MiB;

/** A table on this machine, and the flags by which it is entered. */
async function tableFor(stage: Stage) {
  const table = await loopbackTable();
  stage.atEnd(() => {
    table.close();
    return Promise.resolve();
  });
  const { bootstrap } = table;
  return { bootstrap, flags: ["--dht", ...bootstrap.flatMap((node) => ["--dht-bootstrap", node])] };
}

interface Seeding {
  readonly process: ChildProcess;
  /** Its name in events. */
  readonly peer: string;
  readonly root: string;
}

/** Starts `tributary seed`; resolves when its file is listed. */
async function seeding(stage: Stage, host: string, flags: readonly string[]): Promise<Seeding> {
  const process_ = spawn(process.execPath, [program, "seed", join(stage.folder, "original"), "--host", host, ...flags]);
  stage.atEnd(async () => {
    if (process_.exitCode !== null || process_.signalCode !== null) return;
    process_.kill("SIGKILL");
    await once(process_, "exit");
  });
  const [link] = (await once(createInterface({ input: process_.stdout }), "line")) as [string];
  for await (const line of createInterface({ input: process_.stderr })) {
    if (/is listed by [1-9]/.test(line)) break;
  }
  const [, peer = "", root = ""] = /^(.*)\/(.*)$/.exec(link) ?? [];
  return { process: process_, peer, root };
}

function get(stage: Stage, name: string, root: string, flags: readonly string[]): GetProcess {
  const words = [program, "get", root, ...flags, "-o", join(stage.folder, name), "--no-catalogue", "--json"];
  const started = new GetProcess(stage.folder, process.execPath, words);
  stage.atEnd(() => started.kill("SIGKILL"));
  return started;
}

/** Lists seeders at ports where nobody is, until the test is over. */
async function listGone(stage: Stage, bootstrap: readonly string[], root: string, count: number): Promise<void> {
  const node = new DhtNode({ bootstrap, host: "127.0.0.9" });
  const ports = await Promise.all(Array.from({ length: count }, () => freePort("127.0.0.9")));
  await Promise.all(
    ports.map(async (port) => {
      const events = node.announce(port, NEVER.pipe(startWith(new Set([root]))));
      await new Promise<void>((resolve) => {
        const watch = events.pipe(filter(({ nodes = 0 }) => nodes > 0)).subscribe(() => resolve());
        stage.atEnd(() => {
          watch.unsubscribe();
          return Promise.resolve();
        });
      });
    }),
  );
}

it("A download that knows nothing but the root finds the seeders in the DHT, and gets the file of both", async ({
  stage,
}) => {
  await stage.file(size);
  const { flags } = await tableFor(stage);
  const rate = ["--limit-rate", "2M"];
  const [a, b] = [
    await seeding(stage, "127.0.0.2", [...flags, ...rate]),
    await seeding(stage, "127.0.0.3", [...flags, ...rate]),
  ];
  const download = get(stage, "copy", a.root, flags);
  expect(await download.ended()).toBe(0);
  expect(stage.bytes.equals(await readFile(stage.out))).toBe(true);
  const joined = download.all("peer-joined").map(({ peer, source }) => ({ peer, source }));
  expect(joined.toSorted((x, y) => x.peer.localeCompare(y.peer))).toEqual([
    { peer: a.peer, source: "dht" },
    { peer: b.peer, source: "dht" },
  ]);
  expect(Object.keys(download.account.bytesByPeer)).toHaveLength(2);
});

it("A seeder that is gone and ten that never were hold up no download: the one that is there serves it", async ({
  stage,
}) => {
  await stage.file(size);
  const { bootstrap, flags } = await tableFor(stage);
  const gone = await seeding(stage, "127.0.0.2", flags);
  const there = await seeding(stage, "127.0.0.3", flags);
  gone.process.kill("SIGKILL");
  await once(gone.process, "exit");
  await listGone(stage, bootstrap, there.root, 10);
  const download = get(stage, "copy", there.root, flags);
  expect(await download.ended()).toBe(0);
  expect(stage.bytes.equals(await readFile(stage.out))).toBe(true);
  expect(Object.keys(download.account.bytesByPeer)).toEqual([there.peer]);
});

it("A download that seeds is found by others, who get the file when the first seeder is gone", async ({ stage }) => {
  await stage.file(size);
  const { flags } = await tableFor(stage);
  const first = await seeding(stage, "127.0.0.2", flags);
  const seeds = ["--seed", "--seed-host", "127.0.0.4", "--seed-minutes", "5"];
  const second = get(stage, "second", first.root, [...flags, ...seeds]);
  await second.until("the second is whole", () => second.all("download-completed").length > 0);
  await expect.poll(() => second.stderr).toMatch(/is listed by [1-9]/);
  first.process.kill("SIGKILL");
  await once(first.process, "exit");
  const third = get(stage, "copy", first.root, flags);
  expect(await third.ended()).toBe(0);
  expect(stage.bytes.equals(await readFile(stage.out))).toBe(true);
});

it("A download that nobody serves says whether the DHT is silent or lists nobody, once on the way and in its error", async ({
  stage,
}) => {
  const { flags } = await tableFor(stage);
  const root = "ab".repeat(32);
  const silent = ["--dht", "--dht-bootstrap", `127.0.0.1:${await freePort("127.0.0.1")}`];
  const runs = [
    { told: /^no node of the DHT answers \(127\.0\.0\.1:\d+: no answer\); expected/, flags: silent },
    { told: /^the DHT answers, and lists nobody for this file; expected/, flags },
  ];
  for (const { told, flags } of runs) {
    const download = get(stage, "copy", root, [...flags, "--peer-wait-secs", "5"]);
    expect(await download.ended()).toBe(3);
    const [notice, ...others] = download.all("notice");
    expect(others).toEqual([]);
    expect(notice?.message).toMatch(told);
    const message = `no peer appeared within 5 s; ${notice?.message}`;
    expect(download.all("download-failed")).toMatchObject([{ code: "NO_PEERS", message }]);
    expect(download.stderr).toContain(message);
  }
});
