import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { BehaviorSubject, ignoreElements, Subject, takeUntil, tap, VirtualTimeScheduler, type Observable } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchUnsized, type UnsizedConfig } from "../../../src/assembly/node/fetchUnsized.js";
import { Backpressure } from "../../../src/assembly/node/Backpressure.js";
import { downloadFile } from "../../../src/node.js";
import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";
import { resolveRetryConfig, type RetryConfig } from "../../../src/download/RetryConfig.js";
import { digestOfAll, someBytes } from "../../download/swarm.js";
import { answerWith, cleanUp, gone, peerAt, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { done } from "./here.js";
import { discoveryFor } from "../../discovery/discoveryFor.js";

const file = someBytes(200_000);
const quick = resolveRetryConfig({ initialBackoffMs: 1, maxBackoffMs: 2 });

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, "film");
});

afterEach(cleanUp);

/** Fetches from a real server; each request has its own answer, the last one for all that come after. */
async function fetching(
  answers: readonly RequestListener[],
  sha256?: Uint8Array,
  {
    backpressure = new Backpressure(),
    retry = quick,
  }: { backpressure?: UnsizedConfig["backpressure"]; retry?: RetryConfig } = {},
) {
  let asked = 0;
  const server = await serve((request, response) =>
    answers[Math.min(asked++, answers.length - 1)]?.(request, response),
  );
  const events: DownloadEvent[] = [];
  const facts = { name: "film", ...(sha256 && { whole: { type: "sha-256" as const, bytes: sha256 } }) };
  let freed = 0;
  const lock = { use: () => () => void (freed += 1), whileHeld: <T>(work: Observable<T>) => work };
  const run = fetchUnsized(path, facts, peerAt(server.url), {
    discovery: discoveryFor(retry),
    overwrite: false,
    backpressure,
    lock,
  });
  return { server, events, freed: () => freed, run: run.pipe(tap((event) => events.push(event))) };
}

/** Sends the file and does not tell its length. */
const whole: RequestListener = (_request, response) => {
  response.writeHead(200).write(file.subarray(0, 100_000));
  response.end(file.subarray(100_000));
};

/** Breaks off after some bytes of it. */
const half: RequestListener = (request, response) => {
  response.writeHead(200).write(file.subarray(0, 100_000), () => request.socket.destroy());
};

/** Sends some of it and goes on never. */
const begun: RequestListener = (_request, response) => void response.writeHead(200).write(file.subarray(0, 100_000));

/** Has a process download it that is killed when so much is in the file. */
async function killedAt(url: string, bytes: number): Promise<void> {
  const child = new URL("unsized.child.ts", import.meta.url).pathname;
  const killed = spawn(process.execPath, ["--import", "tsx", child, url, path], { stdio: "inherit" });
  const size = () => statSync(`${path}.part`, { throwIfNoEntry: false })?.size;
  await expect.poll(size).toBe(bytes);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect((await readdir(folder)).sort()).toEqual(["film.part", "film.part.json", "film.part.lock"]);
}

describe("a file of which nobody tells the size", () => {
  it("A file of which nobody tells the size is fetched in one request, and its size is told at the end", async () => {
    const { server, events, run } = await fetching([whole]);
    await done(run);
    expect(new Uint8Array(await readFile(path))).toEqual(file);
    expect(await readdir(folder)).toEqual(["film"]);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
    const types = events.map(({ type }) => type).filter((type) => type !== "progress");
    expect(types).toEqual(["notice", "download-started", "download-completed"]);
    expect(events.at(-2)).toMatchObject({ manifest: { size: 200_000, integrity: "none" }, resumedBytes: 0 });
    expect(events.at(-1)).toMatchObject({
      account: { size: 200_000, received: 200_000, bytesByPeer: { [server.url]: 200_000 }, waste: {}, retries: {} },
    });
  });

  it("An unsized file is fetched from its start again after it broke off, and what came before is waste", async () => {
    const { server, events, run } = await fetching([half, half, whole]);
    await done(run);
    expect(new Uint8Array(await readFile(path))).toEqual(file);
    expect(server.requests).toHaveLength(3);
    const { account } = events.at(-1) as Extract<DownloadEvent, { type: "download-completed" }>;
    expect(account).toMatchObject({ size: 200_000, retries: { CONNECTION_LOST: 2 } });
    expect(account.received).toBe(200_000 + (account.waste.restart ?? 0));
  });

  it("An unsized file fails with what the mirror said last, and leaves nothing", async () => {
    const { server, run } = await fetching([half]);
    await expect(done(run)).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(server.requests).toHaveLength(quick.maxChunkRetries + 1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("An unsized file has its name only when its digest is the one that is known", async () => {
    const right = await fetching([whole], digestOfAll(file));
    await done(right.run);
    expect(right.events.at(-1)).toMatchObject({ account: { integrity: "file" } });
    path = join(folder, "other");
    const { run } = await fetching([whole], digestOfAll(someBytes(1)));
    await expect(done(run)).rejects.toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: expect.stringMatching(/^film has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}$/) as string,
    });
    expect(await readdir(folder)).toEqual(["film"]);
  });

  it("An unsized file may be empty", async () => {
    const { events, run } = await fetching([(_request, response) => response.writeHead(200).end()]);
    await done(run);
    expect((await readFile(path)).length).toBe(0);
    expect(events.at(-1)).toMatchObject({ account: { size: 0 } });
  });

  it("An unsized file is left at once, with its connection closed and nothing on the disk", async () => {
    const never: RequestListener = (_request, response) => void response.writeHead(200).write(file);
    const { server, run } = await fetching([never]);
    const stop = new Subject<void>();
    await done(
      run.pipe(
        tap(({ type }) => type === "progress" && stop.next()),
        takeUntil(stop),
      ),
    );
    await gone(server.sockets);
    expect(server.sockets).toHaveLength(1);
    await expect.poll(() => readdir(folder)).toEqual([]);
  });

  it("An unsized file tells who holds the network back what came and what is stored", async () => {
    const scheduler = new VirtualTimeScheduler();
    const backpressure = new Backpressure({ limitRate: 100_000, scheduler });
    let pauses = 0;
    backpressure.paused.subscribe((now) => (pauses += Number(now)));
    const full = new Backpressure({ highBytes: 1, lowBytes: 0 });
    let isFull = false;
    full.paused.subscribe((now) => (isFull = now));
    await done((await fetching([whole], undefined, { backpressure })).run);
    path = join(folder, "other");
    await done((await fetching([half, whole], undefined, { backpressure: full })).run);
    expect(pauses).toBe(1);
    expect(isFull).toBe(false);
  });

  const nothing = (): void => undefined;

  it("An unsized file is not silent while we hold it back", async () => {
    const paused = new BehaviorSubject(true);
    const retry = resolveRetryConfig({ chunkTimeoutSecs: 0.2, maxChunkRetries: 0 });
    const late: RequestListener = (request, response) => {
      setTimeout(() => {
        paused.next(false);
        whole(request, response);
      }, 600);
    };
    const { run } = await fetching([late], undefined, {
      backpressure: { came: nothing, waits: nothing, stored: nothing, paused },
      retry,
    });
    await done(run);
    expect(new Uint8Array(await readFile(path))).toEqual(file);
    paused.next(false);
    path = join(folder, "silent");
    const silent = await fetching([nothing], undefined, { retry });
    await expect(done(silent.run)).rejects.toMatchObject({ code: "STALLED", peer: silent.server.url });
  });

  it("An unsized file is waited for when the mirror is busy, and not for longer than a chunk may take", async () => {
    const busy: RequestListener = (_request, response) => response.writeHead(503, { "retry-after": "1" }).end();
    const { events, run, server } = await fetching([busy, whole]);
    await done(run);
    expect(events.find(({ type }) => type === "peer-busy")).toMatchObject({ peer: server.url, code: "PEER_BUSY" });
    expect(events.at(-1)).toMatchObject({ account: { retries: {}, waits: { busy: 1 } } });
    path = join(folder, "busy");
    const never = await fetching([busy], undefined, { retry: resolveRetryConfig({ chunkDeadlineSecs: 0.5 }) });
    await expect(done(never.run)).rejects.toMatchObject({ code: "PEER_BUSY" });
    expect(never.server.requests).toHaveLength(1);
  });

  it("An unsized file says why it is fetched again", async () => {
    const { events, run } = await fetching([half, whole]);
    await done(run);
    const said = events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect(said).toContainEqual(expect.stringMatching(/\(CONNECTION_LOST\); it is fetched from its start again in /));
  });

  it("An unsized file has its lock until nothing is left of it", async () => {
    const stop = new Subject<void>();
    const { freed, run } = await fetching([
      (_request, response) => void response.writeHead(200).write(file.subarray(0, 1000)),
    ]);
    await done(
      run.pipe(
        tap(({ type }) => type === "progress" && stop.next()),
        takeUntil(stop),
      ),
    );
    expect(freed()).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(["film.part", "film.part.json"]);
    await expect.poll(freed).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("An unsized file leaves the file alone that took its name in mid-download, and says so as any download does", async () => {
    const { events, run } = await fetching([
      (request, response) => {
        writeFileSync(path, "mine");
        whole(request, response);
      },
    ]);
    await expect(done(run)).rejects.toMatchObject({ code: "TARGET_EXISTS" });
    expect(events.at(-1)).toMatchObject({
      type: "download-failed",
      code: "TARGET_EXISTS",
      resumable: false,
      account: { received: 200_000 },
    });
    expect(await readFile(path, "utf8")).toBe("mine");
    expect(await readdir(folder)).toEqual(["film"]);
  });

  it.each([
    ["it is still not known", whole],
    ["it is known by then", answerWith(file, { etag: '"1"' })],
  ])("An unsized file is begun anew where a killed process has left some of it, when %s", async (_name, later) => {
    let answer: RequestListener = begun;
    const { url } = await serve((request, response) => answer(request, response));
    await killedAt(url, 100_000);
    answer = later;
    expect(await done(downloadFile(url, { out: path, catalogue: false }))).toMatchObject({
      type: "download-completed",
    });
    expect(readFileSync(path).equals(file)).toBe(true);
    expect(await readdir(folder)).toEqual(["film"]);
  });

  it("A record of an unsized file that a process left which was killed when the file had its name is gone after the next run", async () => {
    const { url } = await serve(begun);
    await killedAt(url, 100_000);
    renameSync(`${path}.part`, path);
    await expect(done(downloadFile(url, { out: path, catalogue: false }))).rejects.toMatchObject({
      code: "TARGET_EXISTS",
    });
    expect(await readdir(folder)).toEqual(["film"]);
  });
});

it("A file of unknown size that is given up leaves nothing, and has let go of its lock when that is told", async () => {
  const server = await serve(begun);
  const discardWhen = new Subject<void>();
  const left: string[] = [];
  const events: DownloadEvent[] = [];
  await done(
    downloadFile(server.url, { dir: folder, out: "film", catalogue: false, discardWhen }).pipe(
      tap((event) => {
        events.push(event);
        if (event.type === "progress") discardWhen.next();
        if (event.type === "download-paused")
          left.push(...readdirSync(folder).filter((name) => !name.endsWith(".lock")));
      }),
      ignoreElements(),
    ),
  );
  expect(events.at(-1)).toMatchObject({ type: "download-paused", removed: true });
  expect(left).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
  await gone(server.sockets);
});
