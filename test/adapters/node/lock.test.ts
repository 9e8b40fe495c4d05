import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { firstValueFrom, Subscription } from "rxjs";
import { describe, expect, it, onTestFinished } from "vitest";
import { type HeldLock, lockDownload } from "../../../src/adapters/node/lock.js";
import { idInNames } from "../../../src/adapters/node/LockHolder.js";
import { ownIdentity } from "../../../src/adapters/node/processIdentity.js";
import { maxNameBytes } from "../../../src/manifest/fileName.js";
import { VirtualClock } from "../../../src/testing/VirtualClock.js";
import { bundled } from "../../e2e/bundled.js";
import { tempFolder } from "../../tempFolder.js";

const message = (part: string) => expect.stringContaining(part) as string;

/** Locks now, as `lockDownload` emits in the frame of the subscription, and gives the way to let go. */
function hold(path: string): () => void {
  const seen: string[] = [];
  const subscription = lockDownload(path).subscribe({
    next: () => seen.push("held"),
    error: (error: unknown) => seen.push(String(error)),
  });
  expect(seen).toEqual(["held"]);
  return () => subscription.unsubscribe();
}

const holder = bundled(new URL("lockHolder.child.ts", import.meta.url));
const stress = bundled(new URL("lockStress.child.ts", import.meta.url));

interface Other {
  readonly child: ChildProcess;
  /** What it says after it was told to lock. */
  readonly lock: () => Promise<string>;
}

/** Another process that is about to lock. */
async function otherProcess(path: string): Promise<Other> {
  const child = spawn(process.execPath, [holder, path], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async () => ((await lines.next()) as { readonly value: string }).value;
  expect(await said()).toBe("ready");
  return {
    child,
    lock: () => {
      child.stdin.write("go\n");
      return said();
    },
  };
}

describe("lockDownload", () => {
  it("Drafts of processes that were killed while they asked for a lock are swept by the next one that gets it, and no others", async () => {
    const folder = await tempFolder();
    const lock = join(folder, "a.part.lock");
    const draft = (id: string) => `${lock}.${idInNames({ id })}.new`;
    const [dead, living, broken, old] = ["1", "2", "3", "4"].map((n) => `${n.repeat(8)}-1111-4111-8111-111111111111`);
    await writeFile(draft(`${dead}`), JSON.stringify({ id: dead, pid: 2 ** 22 - 1, started: "1" }));
    await writeFile(draft(`${living}`), JSON.stringify({ id: living, ...ownIdentity() }));
    await writeFile(draft(`${broken}`), "");
    await writeFile(draft(`${old}`), "");
    await utimes(draft(`${old}`), 1, 1);
    await writeFile(`${lock}.txt`, "a user's");
    hold(join(folder, "a.part"))();
    await writeFile(`${lock}.old.new`, "a user's");
    await utimes(`${lock}.old.new`, 1, 1);
    hold(join(folder, "a.part"))();
    const drafts = [`${living}`, `${broken}`].map((id) => `a.part.lock.${idInNames({ id })}.new`);
    const users = ["a.part.lock.old.new", "a.part.lock.txt"];
    expect((await readdir(folder)).toSorted()).toEqual([...drafts, ...users].toSorted());
  });

  it("A lock is let go without a word when somebody wrote over it, and left as it is", async () => {
    const path = join(await tempFolder(), "a.part");
    const release = hold(path);
    await writeFile(`${path}.lock`, "null");
    expect(release).not.toThrow();
    expect(await readFile(`${path}.lock`, "utf8")).toBe("null");
  });

  it("A lock refuses a second download of one process, and names it", async () => {
    const path = join(await tempFolder(), "a.part");
    const letGo = hold(path);
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCKED",
      message: message(`process ${process.pid} `),
    });
    letGo();
  });

  it("A lock is held from its subscription to its end, without a trace", async () => {
    const folder = await tempFolder();
    const path = join(folder, "a.part");
    const lock = lockDownload(path);
    expect(await readdir(folder)).toEqual([]);
    for (let round = 0; round < 3; round++) {
      const subscription = lock.subscribe();
      expect(await readdir(folder)).toEqual(["a.part.lock"]);
      subscription.unsubscribe();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("Two downloads of one folder are locked at once", async () => {
    const folder = await tempFolder();
    const letGo = [hold(join(folder, "a.part")), hold(join(folder, "b.part"))];
    expect((await readdir(folder)).sort()).toEqual(["a.part.lock", "b.part.lock"]);
    for (const release of letGo) release();
  });

  it("A lock that became another's is left alone", async () => {
    const path = join(await tempFolder(), "a.part");
    const letGo = hold(path);
    const theirs = JSON.stringify({ id: crypto.randomUUID(), pid: 1 });
    await writeFile(`${path}.lock`, theirs);
    letGo();
    expect(await readFile(`${path}.lock`, "utf8")).toBe(theirs);
  });

  it("A lock is refused while another process holds it, which is named, and taken over as soon as that was killed", async () => {
    const path = join(await tempFolder(), "a.part");
    const { child, lock } = await otherProcess(path);
    expect(await lock()).toBe("held");
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCKED",
      message: message(`process ${child.pid} `),
    });
    child.kill("SIGKILL");
    await once(child, "exit");
    hold(path)();
  });

  it("A lock is taken over from a dead process by one of many", async () => {
    const folder = await tempFolder();
    const path = join(folder, "a.part");
    const others = await Promise.all(Array.from({ length: 5 }, () => otherProcess(path)));
    await writeFile(`${path}.lock`, JSON.stringify({ ...ownIdentity(), id: crypto.randomUUID(), started: "1" }));
    const said = await Promise.all(others.map(({ lock }) => lock()));
    expect(said.filter((line) => line === "held")).toHaveLength(1);
    expect(said.filter((line) => line.includes("is running already"))).toHaveLength(4);
    expect(await readdir(folder)).toEqual(["a.part.lock"]);
  });

  it("A lock is never held by two, however many processes take over from dead ones", async () => {
    const path = join(await tempFolder(), "a.part");
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, [stress, path], { stdio: "inherit" }));
    const ends = await Promise.all(children.map((child) => once(child, "exit")));
    expect(ends).toEqual([
      [0, null],
      [0, null],
      [0, null],
      [0, null],
    ]);
  });

  it.each([
    ["its number is nobody's", { pid: 2 ** 30 }],
    ["its number was given out again", { started: "1" }],
  ])("A lock is taken over when %s", async (_, change) => {
    const folder = await tempFolder();
    const path = join(folder, "a.part");
    await writeFile(`${path}.lock`, JSON.stringify({ ...ownIdentity(), id: crypto.randomUUID(), ...change }));
    const letGo = hold(path);
    expect(JSON.parse(await readFile(`${path}.lock`, "utf8"))).toMatchObject(ownIdentity());
    letGo();
    expect(await readdir(folder)).toEqual([]);
  });

  const otherBoot = { boot: "00000000-0000-0000-0000-000000000000" };

  it.each([
    ["another machine, or run of this one,", otherBoot],
    ["another container", { space: "pid:[1]" }],
  ])("A lock of %s is refused until it was not renewed for a minute", async (_, change) => {
    const path = join(await tempFolder(), "a.part");
    await writeFile(`${path}.lock`, JSON.stringify({ ...ownIdentity(), id: crypto.randomUUID(), ...change }));
    const age = (seconds: number) => utimes(`${path}.lock`, 1, Date.now() / 1000 - seconds);
    await age(55);
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCKED",
      message: message("renewed it 55 s ago; after 60 s without that it counts for nothing"),
    });
    await age(61);
    hold(path)();
  });

  it("A lock is renewed every ten seconds, in place", async () => {
    const path = join(await tempFolder(), "a.part");
    const clock = new VirtualClock();
    const held = lockDownload(path, clock).subscribe();
    onTestFinished(() => held.unsubscribe());
    const before = await readFile(`${path}.lock`, "utf8");
    await utimes(`${path}.lock`, 1, 1);
    clock.run(9999);
    expect((await stat(`${path}.lock`)).mtimeMs).toBe(1000);
    clock.run(10_000);
    expect(Date.now() - (await stat(`${path}.lock`)).mtimeMs).toBeLessThan(60_000);
    expect(await readFile(`${path}.lock`, "utf8")).toBe(before);
  });

  it.each(["taken", "removed"])(
    "A lock that was %s is noticed by its holder, whose next write is refused",
    async (how) => {
      const path = join(await tempFolder(), "a.part");
      const clock = new VirtualClock();
      const errors: unknown[] = [];
      const locks: HeldLock[] = [];
      lockDownload(path, clock).subscribe({
        next: (lock) => locks.push(lock),
        error: (error: unknown) => errors.push(error),
      });
      expect(() => locks[0]?.check()).not.toThrow();
      const theirs = JSON.stringify({ ...ownIdentity(), ...otherBoot, id: crypto.randomUUID() });
      await (how === "taken" ? writeFile(`${path}.lock`, theirs) : rm(`${path}.lock`));
      clock.run(10_000);
      expect(errors).toMatchObject([{ code: "LOCKED", message: message("is not held any more") }]);
      expect(() => locks[0]?.check()).toThrow(/nothing more is written$/);
      if (how === "taken") expect(await readFile(`${path}.lock`, "utf8")).toBe(theirs);
    },
  );

  it("A holder that was stopped looks whether the lock is still its own before it writes", async () => {
    const path = join(await tempFolder(), "a.part");
    let now = 0;
    const stopped = { now: () => now, schedule: () => Subscription.EMPTY };
    const locks: HeldLock[] = [];
    const held = lockDownload(path, stopped).subscribe((lock) => locks.push(lock));
    onTestFinished(() => held.unsubscribe());
    now = 90_000;
    expect(() => locks[0]?.check()).not.toThrow();
    await writeFile(`${path}.lock`, JSON.stringify({ ...ownIdentity(), id: crypto.randomUUID() }));
    now = 180_000;
    expect(() => locks[0]?.check()).toThrow(/is not held any more/);
  });

  it("A lock fits beside a file whose name is as long as one may be", async () => {
    const folder = await tempFolder();
    const path = join(folder, `${"x".repeat(maxNameBytes)}.part`);
    await writeFile(`${path}.lock`, JSON.stringify({ ...ownIdentity(), id: crypto.randomUUID(), started: "1" }));
    hold(path)();
    expect(await readdir(folder)).toEqual([]);
  });

  it("A lock is taken over from a process that died while it took over, but not from one that still does", async () => {
    const folder = await tempFolder();
    const path = join(folder, "a.part");
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    await writeFile(`${path}.lock`, JSON.stringify({ id: first, pid: 2 ** 30 }));
    await writeFile(`${path}.lock.${idInNames({ id: first })}`, JSON.stringify({ ...ownIdentity(), id: second }));
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({ code: "LOCKED" });
    await writeFile(`${path}.lock.${idInNames({ id: first })}`, JSON.stringify({ id: second, pid: 2 ** 30 }));
    const letGo = hold(path);
    expect(await readdir(folder)).toEqual(["a.part.lock"]);
    letGo();
  });

  it.each(["", "{}", '{"id":"../../x","pid":1}', '{"id":"5d4d3b9e-6a0e-4d5c-9f6e-2b1f6b0a7c11","pid":-1}'])(
    "A lock that says %j is refused, and what to remove is told",
    async (text) => {
      const path = join(await tempFolder(), "a.part");
      await writeFile(`${path}.lock`, text);
      await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
        code: "LOCKED",
        message: message(`${path}.lock`),
      });
      expect(await readFile(`${path}.lock`, "utf8")).toBe(text);
    },
  );

  it("A lock where those of dead processes lead in a circle ends", async () => {
    const path = join(await tempFolder(), "a.part");
    const id = crypto.randomUUID();
    const dead = JSON.stringify({ id, pid: 2 ** 30 });
    await writeFile(`${path}.lock`, dead);
    await writeFile(`${path}.lock.${idInNames({ id })}`, dead);
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCKED",
      message: message("if no download runs, remove it"),
    });
  });

  it("A place that is no file where a lock was is left alone", async () => {
    const path = join(await tempFolder(), "a.part");
    const letGo = hold(path);
    await rm(`${path}.lock`);
    await mkdir(`${path}.lock`);
    letGo();
    expect((await stat(`${path}.lock`)).isDirectory()).toBe(true);
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `${path}.lock is a folder, expected a file or nothing; if no download runs, remove it`,
    });
  });

  it.runIf(process.platform !== "win32")("A lock that is a link is refused, wherever that leads", async () => {
    const path = join(await tempFolder(), "a.part");
    await symlink("nowhere", `${path}.lock`);
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("is a link"),
    });
  });

  it("A lock names path and cause when the folder is missing", async () => {
    const path = join(await tempFolder(), "nowhere", "a.part");
    await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `cannot lock ${path}: no such file or directory (ENOENT)`,
    });
  });
});
