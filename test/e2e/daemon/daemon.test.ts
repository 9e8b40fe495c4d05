import { once } from "node:events";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { lockDownload } from "../../../src/adapters/node/lock.js";
import { decodeAnswer, encodeControl } from "../../../src/control/controlCodec.js";
import type { ControlAnswer, GivenRequest } from "../../../src/control/messages.js";
import { tempFolder } from "../../tempFolder.js";
import { fileServer, servedBytes } from "./fileServer.js";
import { type RunningCli, runCli, startCli } from "../cli/runCli.js";

interface Row {
  readonly id: number;
  readonly state: string;
  readonly done: number;
}

/** A user with a state folder, and the command as that user runs it. */
async function user() {
  const folder = await tempFolder();
  const env = { TRIBUTARY_STATE: join(folder, "state") };
  const run = (...args: readonly string[]) => runCli(folder, args, env);
  const address = async () =>
    JSON.parse(await readFile(join(folder, "state", "daemon.json"), "utf8")) as {
      port: number;
      token: string;
      pid?: number;
    };
  const rows = async (): Promise<readonly Row[]> =>
    (await run("list", "--json")).stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
  /** Rows, as soon as they are as is wanted. */
  const rowsWhen = async (is: (rows: readonly Row[]) => boolean): Promise<readonly Row[]> => {
    for (;;) {
      const found = await rows();
      if (is(found)) return found;
    }
  };
  const serve = async (...args: readonly string[]): Promise<RunningCli> => {
    const daemon = startCli(folder, ["serve", ...args], env);
    await daemon.printed(/listening/);
    return daemon;
  };
  return { folder, run, address, rows, rowsWhen, serve };
}

/** Status of an HTTP request to the daemon, and the fields of the answer. */
async function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}) {
  const asked = request({ host: "127.0.0.1", port, path, headers });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return { status: answer.statusCode, headers: answer.headers };
}

/** Status of a refused handshake, or 101. */
function handshake(port: number, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/control`, { headers });
  return new Promise((resolve) => {
    socket.on("unexpected-response", (asked, { statusCode }) => {
      asked.destroy();
      resolve(statusCode);
    });
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("error", () => undefined);
  });
}

it("Downloads of a daemon that was killed are taken up by the next one, and no byte is wrong", async () => {
  const { folder, run, rows, rowsWhen, serve, address } = await user();
  const { url, release } = await fileServer(5_000_000);
  const daemon = await serve();
  const added = await run("add", `${url}/a`, `${url}/b`, "-d", "files");
  expect(added).toMatchObject({ code: 0, stdout: `1  ${url}/a\n2  ${url}/b\n` });
  expect(await run("add", `${url}/c`, "--paused", "-d", "files")).toMatchObject({ code: 0 });
  await rowsWhen((found) => found.slice(0, 2).every(({ done }) => done > 0));
  const before = await address();
  daemon.child.kill("SIGKILL");
  await daemon.finished;
  expect((await rows()).map(({ id, state }) => `${id} ${state}`)).toEqual(["1 waiting", "2 waiting", "3 paused"]);
  release();
  await serve();
  expect(await address()).toMatchObject({ port: before.port, token: before.token });
  await rowsWhen((found) => found.slice(0, 2).every(({ state }) => state === "completed"));
  expect((await rows()).map(({ state }) => state)).toEqual(["completed", "completed", "paused"]);
  for (const name of ["a", "b"]) expect(servedBytes.equals(await readFile(join(folder, "files", name)))).toBe(true);
});

it("A command that adds starts the daemon where none runs, and serve --stop ends it", async () => {
  const { folder, run, rowsWhen, address } = await user();
  const { url } = await fileServer();
  expect(await run("list")).toMatchObject({ code: 0, stdout: "no downloads; tributary add URL adds one\n" });
  expect(await run("add", `${url}/a`, "-d", "files")).toMatchObject({ code: 0 });
  const { pid } = await address();
  onTestFinished(() => {
    try {
      process.kill(pid ?? 0, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  });
  await rowsWhen((found) => found[0]?.state === "completed");
  expect(await run("serve", "--stop")).toMatchObject({ code: 0 });
  expect((await address()).pid).toBeUndefined();
  expect(await run("serve", "--stop")).toMatchObject({ code: 0, stderr: "tributary: no daemon runs\n" });
  const log = (await readFile(join(folder, "state", "daemon.log"), "utf8")).trimEnd().split("\n");
  expect(log.map((line) => line.replace(/\d+; /, "N; "))).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z listening on 127\.0\.0\.1 port N; /),
    expect.stringMatching(/Z the daemon has ended$/),
  ]);
});

it("A download that is added while it is in line is told to be there, with its number and state, once", async () => {
  const { run, rowsWhen, serve } = await user();
  const { url } = await fileServer(5_000_000);
  await serve();
  await run("add", `${url}/a`, "-d", "files");
  await rowsWhen((found) => (found[0]?.done ?? 0) > 0);
  expect(await run("add", `${url}/a`, `${url}/b`, `${url}/a`, "-d", "files")).toEqual({
    ...{ code: 0, stdout: `1  ${url}/a\n2  ${url}/b\n1  ${url}/a\n` },
    stderr: "tributary: 1  a is in the list already (running)\n",
  });
});

it("A download that is added again when it is complete is the same one, and what is gone of it is had again", async () => {
  const { folder, run, rows, rowsWhen, serve } = await user();
  const { url } = await fileServer();
  const daemon = await serve();
  const again = ["add", `${url}/a`, "-d", "files"];
  await run(...again);
  await rowsWhen((found) => found[0]?.state === "completed");
  const paused = await run(...again, "--paused");
  expect(paused.stderr).toBe("tributary: 1  a is in the list already (completed)\n");
  await rm(join(folder, "files", "a"));
  expect(await run(...again)).toEqual({
    ...{ code: 0, stdout: `1  ${url}/a\n` },
    stderr: "tributary: 1  a is in the list already (completed), and is tried again\n",
  });
  await vi.waitFor(async () => expect((await stat(join(folder, "files", "a"))).size).toBe(servedBytes.length), 150_000);
  await rowsWhen((found) => found[0]?.state === "completed");
  expect((await rows()).map(({ id }) => id)).toEqual([1]);
  expect(await run("serve", "--stop")).toMatchObject({ stderr: "tributary: the daemon has ended\n" });
  await daemon.finished;
});

it("What goes on with the next daemon is told where one ends, and that none runs", async () => {
  const { folder, run, rowsWhen, serve } = await user();
  const { url } = await fileServer(5_000_000);
  const daemon = await serve();
  await writeFile(join(folder, "SUMS"), `${"0".repeat(64)}  other\n`);
  await run("add", `${url}/a`, "-d", "files", "--checksum", "SUMS");
  await run("add", `${url}/b`, "-d", "files");
  await rowsWhen((found) => (found[1]?.done ?? 0) > 0 && found[0]?.state === "failed");
  // The list of digests is that of the folder in which it was typed.
  expect((await run("list")).stdout).toContain(`${join(folder, "SUMS")} has no digest of "a"`);
  const words = "tributary: the daemon has ended; 1 download goes on when the next one starts\n";
  expect(await run("serve", "--stop")).toMatchObject({ code: 0, stderr: words });
  await daemon.finished;
  expect((await run("list")).stderr).toBe(
    "tributary: no daemon runs, so nothing goes on; tributary serve starts one, and so does every command that changes the list\n",
  );
});

it("A download whose server refuses connections is listed as being retried, with the reason and when", async () => {
  const { run, serve } = await user();
  await serve();
  await run("add", "http://127.0.0.1:9/film");
  const look = async (): Promise<string | undefined> => {
    const { stdout } = await run("list");
    // A command that starts slowly may come when all tries are over.
    if (stdout.includes("failed")) await run("retry", "1");
    return /.*retrying[^]*/.exec(stdout)?.[0];
  };
  const seen = await vi.waitUntil(look, { timeout: 150_000 });
  const why = String.raw`http://127\.0\.0\.1:9/film: the connection was refused \(.*\) \(CONNECTION_REFUSED\)`;
  expect(seen).toMatch(new RegExp(String.raw`^ +1 +retrying .*\n +${why}; it is tried again (in .* s|now)\n$`));
});

it("Downloads are paused, resumed, cancelled with their files and removed by their numbers", async () => {
  const { folder, run, rows, rowsWhen, serve } = await user();
  const { url, release } = await fileServer(5_000_000);
  await serve();
  await run("add", `${url}/a`, `${url}/b`, "-d", "files");
  await rowsWhen((found) => found.every(({ done }) => done > 0));
  const paused = await run("pause", "1", "2");
  expect(paused).toEqual({ code: 0, stdout: "1  paused  a\n2  paused  b\n", stderr: "" });
  await rowsWhen((found) => found.every(({ state }) => state === "paused"));
  expect(await run("cancel", "2", "--delete-files")).toMatchObject({ code: 0, stderr: "" });
  await expect(stat(join(folder, "files", "b.part"))).rejects.toThrow("ENOENT");
  expect(await run("cancel", "2", "--delete-files")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("nothing to cancel") as string,
  });
  expect(await run("cancel", "1")).toMatchObject({ code: 0, stdout: "1  cancelled  a\n" });
  const emptied = { code: 0, stdout: "1  unfinished file removed  a\n", stderr: "" };
  expect(await run("cancel", "1", "--delete-files")).toEqual(emptied);
  release();
  await run("resume", "1");
  await rowsWhen((found) => found[0]?.state === "completed");
  const nothing = "tributary: 1  a is completed: there is nothing to resume\n";
  expect(await run("resume", "1", "2")).toEqual({ code: 0, stdout: "2  goes on  b\n", stderr: nothing });
  expect(await run("retry", "--all")).toEqual({
    ...{ code: 0, stdout: "", stderr: "tributary: no download is there to retry\n" },
  });
  expect(await run("remove", "--all")).toMatchObject({ code: 0 });
  expect(await rows()).toEqual([]);
  expect((await stat(join(folder, "files", "a"))).size).toBe(servedBytes.length);
  expect(await run("pause", "7")).toMatchObject({ code: 2, stderr: "tributary: there is no download 7 in the list\n" });
});

it("A daemon whose log cannot be written does not begin, and says so", async () => {
  const { run } = await user();
  expect(await run("serve", "--log", "no/log")).toMatchObject({
    code: 2,
    stderr:
      'tributary: --log is "no/log", which cannot be written: no such file or directory (ENOENT); it must be the path of a file\n',
  });
});

it("A second daemon of one user is refused", async () => {
  const { run, serve } = await user();
  await serve();
  const second = await run("serve");
  expect(second.code).toBe(7);
  expect(second.stderr).toContain("another daemon, or another program, has the downloads");
});

it("A daemon answers nobody without its token, no page of another origin, and no other host", async () => {
  const { serve, address, folder, run } = await user();
  await serve();
  const { port, token } = await address();
  const authorization = `Bearer ${token}`;
  expect((await stat(join(folder, "state", "daemon.json"))).mode & 0o777).toBe(0o600);
  expect(await handshake(port, { authorization })).toBe(101);
  expect(await handshake(port, {})).toBe(401);
  expect(await handshake(port, { authorization: "Bearer wrong" })).toBe(401);
  expect(await handshake(port, { authorization, origin: "https://evil.example" })).toBe(403);
  expect(await handshake(port, { authorization, host: `evil.example:${port}` })).toBe(421);
  expect(await handshake(port, { cookie: `tributary-${port}=${token}`, origin: `http://127.0.0.1:${port}` })).toBe(101);
  expect(await ask(port, "/")).toMatchObject({ status: 401 });
  expect(await ask(port, "/?token=wrong")).toMatchObject({ status: 401 });
  expect(await ask(port, "/", { authorization, host: "evil.example" })).toMatchObject({ status: 421 });
  expect(await ask(port, `/?token=${token}`)).toMatchObject({ status: 401 });
  const link = new URL((await run("ui", "--no-open")).stdout.trim());
  const { status, headers } = await ask(port, `${link.pathname}${link.search}`);
  expect({ status, location: headers.location }).toEqual({ status: 303, location: "/" });
  expect(headers["set-cookie"]).toEqual([expect.stringMatching(/; HttpOnly; SameSite=Strict; Path=\//)]);
  expect(headers["content-security-policy"]).not.toContain("unsafe");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  // A link is good once; whoever has the cookie is led on.
  expect(await ask(port, `${link.pathname}${link.search}`)).toMatchObject({ status: 401 });
  const cookie = `tributary-${port}=${token}`;
  expect(await ask(port, `${link.pathname}${link.search}`, { cookie })).toMatchObject({ status: 303 });
});

it("A daemon whose list is damaged sets it aside, says so and begins an empty one", async () => {
  const { folder, run, rows, serve } = await user();
  const killed = await serve();
  killed.child.kill("SIGKILL");
  await killed.finished;
  await writeFile(join(folder, "state", "downloads.json"), "{");
  const daemon = startCli(folder, ["serve"], { TRIBUTARY_STATE: join(folder, "state") });
  await daemon.printed(/The list of downloads was unreadable .* is kept as .*downloads\.json\.damaged/);
  expect(await rows()).toEqual([]);
  expect(await run("list")).toMatchObject({ code: 0 });
});

/** Answers of the daemon to requests that reach it at once. */
async function answersTo(
  { port, token }: { readonly port: number; readonly token: string },
  requests: readonly GivenRequest[],
): Promise<readonly ControlAnswer[]> {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/control`, { headers });
  const answers: ControlAnswer[] = [];
  socket.on("message", (frame: Buffer) => answers.push(decodeAnswer(new Uint8Array(frame))));
  await once(socket, "open");
  for (const request of [{ type: "hello", version: 1 } as const, ...requests]) socket.send(encodeControl(request));
  await once(socket, "close");
  return answers.filter(({ type }) => type !== "hello");
}

it("A daemon that ends refuses what would be lost, and what was added before runs with the next one", async () => {
  const { run, rows, rowsWhen, serve, address } = await user();
  const { url, release } = await fileServer(5_000_000);
  const daemon = await serve();
  await run("add", `${url}/a`, "-d", "files");
  await rowsWhen((found) => (found[0]?.done ?? 0) > 0);
  const answers = await answersTo(await address(), [
    { type: "stop", id: 1 },
    { type: "add", id: 2, downloads: [{ sources: [`${url}/b`] }] },
    { type: "remove", id: 3, downloads: [1] },
    { type: "statistics", id: 4 },
  ]);
  expect(answers.map((answer) => [answer.type, "code" in answer ? answer.code : "id" in answer && answer.id])).toEqual([
    ["done", 1],
    ["error", "ENDING"],
    ["error", "ENDING"],
    ["statistics", 4],
  ]);
  expect(await daemon.finished).toMatchObject({ code: 0 });
  release();
  await serve();
  await rowsWhen((found) => found[0]?.state === "completed");
  expect((await rows()).map(({ id }) => id)).toEqual([1]);
});

it("A command that comes while a daemon ends is obeyed by the next one, and serve --stop returns when all is let go of", async () => {
  const { folder, run, rowsWhen, serve, address } = await user();
  const { url, release } = await fileServer(5_000_000);
  const daemon = await serve();
  await run("add", `${url}/a`, "-d", "files");
  await rowsWhen((found) => (found[0]?.done ?? 0) > 0);
  release();
  const added = run("add", `${url}/b`, "-d", "files");
  expect(await run("serve", "--stop")).toMatchObject({ code: 0, stderr: expect.stringMatching(/has ended/) as string });
  expect(await daemon.finished).toMatchObject({ code: 0 });
  expect(await added).toMatchObject({ code: 0, stdout: `2  ${url}/b\n` });
  // Whichever came first, nothing waits for ever: a daemon that only began is there now, or this starts one.
  await run("resume", "--all");
  await rowsWhen((found) => found.length === 2 && found.every(({ state }) => state === "completed"));
  expect(await run("serve", "--stop")).toMatchObject({ code: 0 });
  await expect(stat(join(folder, "state", "downloads.json.lock"))).rejects.toThrow("ENOENT");
  expect((await address()).pid).toBeUndefined();
});

/** A daemon that ends when it has said hello to its first client, before it has answered that. */
async function endingDaemon(state: string): Promise<void> {
  await mkdir(state, { recursive: true });
  const lock = lockDownload(join(state, "downloads.json")).subscribe();
  const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => sockets.close());
  await once(sockets, "listening");
  const { port } = sockets.address() as AddressInfo;
  const address = { port, token: "of-this-daemon-alone", pid: process.pid };
  await writeFile(join(state, "daemon.json"), JSON.stringify(address));
  sockets.once("connection", (client) => {
    client.send(encodeControl({ type: "hello", version: 1 }));
    client.once("message", () => {
      client.close(1001);
      sockets.close();
      lock.unsubscribe();
    });
  });
}

it("A command whose daemon ends before it answers asks the next one, or goes by what is kept", async () => {
  const { folder, run } = await user();
  const state = join(folder, "state");
  await endingDaemon(state);
  expect(await run("list")).toMatchObject({ code: 0, stdout: "no downloads; tributary add URL adds one\n" });
  await endingDaemon(state);
  expect(await run("serve", "--stop")).toMatchObject({ code: 0, stderr: expect.stringMatching(/has ended/) as string });
  await endingDaemon(state);
  expect(await run("pause", "--all")).toMatchObject({ code: 0, stderr: "tributary: no download is there to pause\n" });
  expect(await run("serve", "--stop")).toMatchObject({ code: 0, stderr: expect.stringMatching(/has ended/) as string });
});

it("A file of a daemon that was killed leads nobody to the process that has its number now", async () => {
  const { folder, run } = await user();
  let asked = 0;
  const stranger = createServer(() => (asked += 1)).on("upgrade", (_, socket) => {
    asked += 1;
    socket.destroy();
  });
  stranger.on("connection", () => (asked += 1));
  stranger.listen(0, "127.0.0.1");
  await once(stranger, "listening");
  onTestFinished(() => void stranger.close());
  const { port } = stranger.address() as AddressInfo;
  await mkdir(join(folder, "state"));
  const left = { port, token: "a token that only the daemon has", pid: process.pid };
  await writeFile(join(folder, "state", "daemon.json"), JSON.stringify(left));
  expect(await run("list")).toMatchObject({ code: 0, stdout: "no downloads; tributary add URL adds one\n" });
  expect(await run("serve", "--stop")).toMatchObject({ code: 0, stderr: "tributary: no daemon runs\n" });
  expect(asked).toBe(0);
});
