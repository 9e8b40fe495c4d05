import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { firstValueFrom } from "rxjs";
import { expect, it, onTestFinished } from "vitest";
import { lockDownload } from "../../../src/adapters/node/lock.js";
import { ownIdentity } from "../../../src/adapters/node/processIdentity.js";
import { bundled } from "../../e2e/bundled.js";
import { tempFolder } from "../../tempFolder.js";

/** As a container has them: process numbers of its own, and a /proc that shows them. */
const inContainer = ["--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"] as const;
const holder = bundled(new URL("lockHolder.child.ts", import.meta.url));
const hasContainers = spawnSync("unshare", [...inContainer, "true"]).status === 0;
const how = hasContainers ? "" : ", as its record says (this machine makes no namespaces)";

/** A process that tries to hold the download, in a container; without containers its record alone, with a place of its own. Tells what came of it. */
async function contender(path: string): Promise<{ readonly said: string; end(): Promise<void> }> {
  if (!hasContainers) {
    const said = await firstValueFrom(lockDownload(path)).then(() => "held", String);
    const record = { ...ownIdentity(), id: crypto.randomUUID(), space: "pid:[1]", pid: 1 };
    if (said === "held") await writeFile(`${path}.lock`, JSON.stringify(record));
    return { said, end: () => Promise.resolve() };
  }
  const child = spawn("unshare", [...inContainer, process.execPath, holder, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("ready");
  child.stdin.write("go\n");
  const { value: said } = (await lines.next()) as { readonly value: string };
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { said, end };
}

it(`A lock of a container is refused to another one with the same process number and to the machine, as long as it is renewed, and counts for nothing a minute later${how}`, async () => {
  const path = join(await tempFolder(), "a.part");
  const [first, second] = [await contender(path), await contender(path)];
  expect(first.said).toBe("held");
  const { pid, space } = JSON.parse(await readFile(`${path}.lock`, "utf8")) as { pid: number; space: string };
  expect(pid).toBe(1);
  expect(space).not.toBe(ownIdentity().space);
  const refusal = /process 1 of another machine, container or run of this machine renewed it \d+ s ago/;
  expect(second.said).toMatch(refusal);
  await Promise.all([first.end(), second.end()]);
  // Killed, it cannot be seen to be gone from here.
  await expect(firstValueFrom(lockDownload(path))).rejects.toMatchObject({
    code: "LOCKED",
    message: expect.stringMatching(refusal) as string,
  });
  await utimes(`${path}.lock`, 1, Date.now() / 1000 - 61);
  await expect(firstValueFrom(lockDownload(path))).resolves.toBeDefined();
});
