import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Content } from "../../test/e2e/lab/content.js";
import { FaultServer } from "../../test/e2e/lab/FaultServer.js";
import { metalinkOf } from "../../test/e2e/lab/metalinkOf.js";
import type { CommandLine, Contestant, Job } from "./contestants.js";
import { commandLine } from "./contestants.js";
import type { Outcome, Verdict } from "./Outcome.js";
import type { Row } from "./rows.js";
import { file, honest, other, size } from "./rows.js";

const name = "file.bin";

interface Ended {
  /** Exit code; nothing when it was killed. */
  readonly code: number | null;
  readonly seconds: number;
}

/** Has one tool do what a row is about, against servers of its own. */
export async function runRow(row: Row, tool: Contestant, limitSeconds: number): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "tributary-rivals-"));
  const servers = await Promise.all(
    row.servers().map((handler, index) => FaultServer.start(handler, { host: `127.0.0.${index + 2}` })),
  );
  try {
    const [first = "", ...more] = servers.map(({ url }) => url);
    const urls: Job["urls"] = [first, ...more];
    const metalink = row.digests === undefined ? undefined : join(folder, `${name}.meta4`);
    const shape = row.digests === "of the whole" ? ({ pieces: "none" } as const) : {};
    if (metalink !== undefined) await writeFile(metalink, metalinkOf(file, name, urls, shape));
    const command = commandLine(tool, { urls, metalink, folder, name });
    if (command === undefined)
      return { tool: tool.name, verdict: "n/a", seconds: NaN, ratio: NaN, requests: NaN, limitSeconds };
    return await play(row, servers, { tool: tool.name, command, folder, limitSeconds });
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

interface Order {
  readonly tool: string;
  readonly command: CommandLine;
  readonly folder: string;
  readonly limitSeconds: number;
}

async function play(row: Row, servers: readonly FaultServer[], order: Order): Promise<Outcome> {
  const { again } = row;
  const counts = () => ({
    served: servers.reduce((sum, { served }) => sum + served, 0),
    requests: servers.reduce((sum, { requests }) => sum + requests, 0),
  });
  const before =
    again === undefined
      ? undefined
      : await run(order, again.after === "end" ? undefined : { after: again.after, servers });
  const atSecond = again?.counted === "second" ? counts() : { served: 0, requests: 0 };
  if (again?.replaced) for (const server of servers) server.play(honest(other));
  const last = await run(order);
  const { served, requests } = counts();
  const verdict = await judge(last, order.folder, again?.replaced ? [other] : (row.files ?? [file]));
  return {
    tool: order.tool,
    verdict: verdict === "ok" && servers.some(({ hasty }) => hasty > 0) ? "hasty" : verdict,
    seconds: last.seconds + (again?.counted === "both" ? (before?.seconds ?? 0) : 0),
    ratio: (served - atSecond.served) / size,
    requests: requests - atSecond.requests,
    limitSeconds: order.limitSeconds,
  };
}

/** Runs it to its end, but not beyond the limit; a signal is sent when half of the file is served. */
async function run({ command, folder, limitSeconds }: Order, stop?: Stop): Promise<Ended> {
  const started = performance.now();
  const [program, ...words] = command;
  const child = spawn(program, words, { cwd: folder, stdio: "ignore" });
  const ended = endOf(child);
  const overtime = new AbortController();
  const limit = setTimeout(limitSeconds * 1000, undefined, { signal: overtime.signal }).catch(() => undefined);
  if (stop !== undefined) {
    await Promise.race([ended, limit, halfServed(stop.servers)]);
    child.kill(stop.after);
  }
  await Promise.race([ended, limit]);
  overtime.abort();
  child.kill("SIGKILL");
  return { code: await ended, seconds: (performance.now() - started) / 1000 };
}

interface Stop {
  readonly after: "SIGINT" | "SIGKILL";
  readonly servers: readonly FaultServer[];
}

function halfServed(servers: readonly FaultServer[]): Promise<unknown> {
  const isHalf = ({ served }: FaultServer): boolean => served >= size / 2;
  return Promise.race(servers.map((server) => server.until("half is served", isHalf, { limitMs: 2 ** 31 - 1 })));
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}

async function judge({ code }: Ended, folder: string, right: readonly Content[]): Promise<Verdict> {
  if (code === null) return "hang";
  if (code !== 0) return "failed";
  if (!(await readdir(folder)).includes(name)) return "no file";
  const bytes = await readFile(join(folder, name));
  return right.some((content) => bytes.equals(content.read(0, content.size))) ? "ok" : "corrupt";
}
