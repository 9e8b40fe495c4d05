import { EMPTY, Subject, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { createSeeder } from "../../src/seeder/createSeeder.js";
import { SharedFiles, type SharedSource } from "../../src/seeder/SharedFiles.js";
import { clientOf } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const source = (root: string): SharedSource => ({
  manifest: { root, name: "a", size: 0, chunkSize: 1, digests: new Uint8Array() },
  read: () => EMPTY,
  close: () => undefined,
});

it("The roots of what is shared are told when the first source of one comes and the last one goes", () => {
  const shared = new SharedFiles();
  const seen: string[] = [];
  shared.roots.subscribe((roots) => seen.push([...roots].join("+")));
  const first = shared.add(source("a"));
  const again = shared.add(source("a"));
  shared.add(source("b"));
  first.unsubscribe();
  again.unsubscribe();
  shared.close();
  expect(seen).toEqual(["", "a", "a+b", "b", ""]);
});

it("A client hears what is there of a file whose source goes and comes again, as of a download that is paused and resumed, over the connection that it has", async () => {
  const { manifest } = await memoryFile(8, 1);
  const scheduler = new VirtualTimeScheduler();
  const shared = new SharedFiles();
  const { connection } = clientOf(createSeeder(shared, { scheduler, idleTimeoutMs: 60_000 }));
  /** Shares a run's chunks, of which more come. */
  const run = (...first: number[]) => {
    const chunks = new Set(first);
    const changes = new Subject<void>();
    const has = (chunk: number): boolean => chunks.has(chunk);
    const held = shared.add({ ...source("a"), manifest, has, changes });
    const came = (chunk: number): void => {
      chunks.add(chunk);
      changes.next();
    };
    return { held, came };
  };
  const told = (): number[] => connection.of("have").map((have) => ("chunks" in have ? (have.chunks[0] ?? 0) : -1));
  const pass = (ms = 300): void => {
    scheduler.maxFrames = scheduler.now() + ms;
    scheduler.flush();
  };
  const before = run(0);
  connection.say({ type: "get-manifest", id: 1, root: manifest.root, from: 0 });
  pass();
  before.came(1);
  pass();
  before.held.unsubscribe();
  pass();
  const after = run(0, 1, 2);
  pass();
  after.came(3);
  pass();
  expect(told()).toEqual([0b1, 0b11, 0, 0b111, 0b1111]);
});

it("Sources of a file that are not the one that is served come and go without a word", () => {
  const shared = new SharedFiles();
  const changed: string[] = [];
  shared.changed.subscribe((root) => changed.push(root));
  const first = shared.add(source("a"));
  const again = shared.add(source("a"));
  again.unsubscribe();
  expect(changed).toEqual(["a"]);
  shared.add(source("a"));
  first.unsubscribe();
  shared.close();
  expect(changed).toEqual(["a", "a", "a"]);
});
