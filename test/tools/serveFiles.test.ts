import { rmSync, symlinkSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EMPTY, filter, first, firstValueFrom, ignoreElements, lastValueFrom, take, tap, toArray } from "rxjs";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Announcer } from "../../src/seeder/Announcer.js";
import { serveFiles, type ServeEvent } from "../../src/tools/serveFiles.js";
import { asNobody } from "../asNobody.js";
import { tempFolder } from "../tempFolder.js";

const tls = join("test", "adapters", "websocket", "tls");

/** Removes `path` when something happens before it is its turn. */
const removing = (type: ServeEvent["type"], path: string) =>
  tap((event: ServeEvent) => {
    if (event.type === type) rmSync(path, { recursive: true, force: true });
  });

/** Opens a connection that ends with the test. */
function connect(url: string): void {
  const socket = new WebSocket(url);
  socket.on("error", () => undefined);
  onTestFinished(() => socket.terminate());
}

async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = await tempFolder();
  for (const name of names) await writeFile(join(folder, name), name);
  return folder;
}

it("A file that was found in a folder and cannot be read is skipped, with the reason, and the rest is served", async () => {
  const folder = await folderOf("a", "b", "c");
  const told = serveFiles(folder).pipe(removing("listening", join(folder, "b")), take(4), toArray());
  const events = await firstValueFrom(told);
  expect(events.map((event) => ("path" in event ? `${event.type} ${event.path}` : event.type))).toEqual([
    "listening",
    `file-served ${join(folder, "a")}`,
    `file-skipped ${join(folder, "b")}`,
    `file-served ${join(folder, "c")}`,
  ]);
  expect(events[2]).toMatchObject({ message: expect.stringContaining("no such file or directory (ENOENT)") as string });
});

it.each(["a file", "a folder"])(
  "A link that appears in the place of %s after the folder was listed leads nowhere: what lies there is not served",
  async (what) => {
    const [folder, outside] = [await folderOf("a"), await folderOf("secret")];
    await mkdir(join(folder, "deep"));
    await writeFile(join(folder, "deep", "secret"), "shown");
    const replaced = what === "a file" ? join(folder, "deep", "secret") : join(folder, "deep");
    const target = what === "a file" ? join(outside, "secret") : outside;
    const told = serveFiles(folder).pipe(
      tap((event) => {
        if (event.type !== "listening") return;
        rmSync(replaced, { recursive: true });
        symlinkSync(target, replaced);
      }),
      take(3),
      toArray(),
    );
    const events = await firstValueFrom(told);
    expect(events.map((event) => ("path" in event ? `${event.type} ${event.path}` : event.type))).toEqual([
      "listening",
      `file-served ${join(folder, "a")}`,
      `file-skipped ${join(folder, "deep", "secret")}`,
    ]);
  },
);

it("Serving fails when nothing is left to serve", async () => {
  const folder = await folderOf("a");
  const served = serveFiles(folder).pipe(removing("listening", join(folder, "a")));
  await expect(lastValueFrom(served)).rejects.toMatchObject({
    code: "LOCAL_IO",
    message: "cannot read the only file that was found: nothing is left to serve",
  });
});

it("Serving fails with their number when none of several files is left to serve", async () => {
  const folder = await folderOf("a", "b");
  const served = serveFiles(folder).pipe(
    removing("listening", join(folder, "a")),
    removing("listening", join(folder, "b")),
  );
  await expect(lastValueFrom(served)).rejects.toMatchObject({
    message: "cannot read any of the 2 files that were found: nothing is left to serve",
  });
});

it("Serving fails when a file that was named cannot be read", async () => {
  const folder = await folderOf("a", "b");
  const served = serveFiles([folder, join(folder, "b")]).pipe(removing("listening", join(folder, "b")));
  await expect(lastValueFrom(served)).rejects.toMatchObject({ code: "LOCAL_IO" });
});

it("Files that were named are opened before the seeder listens", async () => {
  const folder = await folderOf("a", "closed");
  await chmod(folder, 0o755);
  await chmod(join(folder, "closed"), 0);
  const events: ServeEvent[] = [];
  const served = serveFiles([join(folder, "a"), join(folder, "closed")]).pipe(tap((event) => events.push(event)));
  await expect(asNobody(() => lastValueFrom(served))).rejects.toMatchObject({ code: "LOCAL_IO" });
  expect(events).toEqual([]);
});

it("A folder within a folder that may not be looked into is skipped, with the reason, and the rest is served", async () => {
  const folder = await folderOf("a");
  await chmod(folder, 0o755);
  await mkdir(join(folder, "closed"), { mode: 0 });
  const told = serveFiles(folder).pipe(take(3), toArray());
  const events = await asNobody(() => firstValueFrom(told));
  expect(events.map(({ type }) => type)).toEqual(["listening", "file-served", "file-skipped"]);
});

it("A client that is turned away for want of the secret is told of among the files", async () => {
  const folder = await folderOf("a");
  const told = firstValueFrom(
    serveFiles(folder, { token: "secret" }).pipe(
      tap((event) => {
        if (event.type === "file-served") connect(event.link);
      }),
      first(({ type }) => type === "handshake-refused"),
    ),
  );
  expect(await told).toMatchObject({ peer: expect.stringContaining("127.0.0.1") as string });
});

it("Serving fails for a folder without a file", async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, "inside"));
  await expect(lastValueFrom(serveFiles(folder))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

it("Two files of the same bytes are served under one link", async () => {
  const folder = await tempFolder();
  for (const name of ["a", "b"]) await writeFile(join(folder, name), "same");
  const events = await firstValueFrom(serveFiles(folder).pipe(take(3), toArray()));
  const links = events.flatMap((event) => (event.type === "file-served" ? [event.link] : []));
  expect(links).toHaveLength(2);
  expect(new Set(links).size).toBe(1);
});

it.each([
  [["a"], { cert: "x" }, new TypeError("a certificate needs its key: give both or none")],
  [[""], {}, new TypeError('a path to serve is ""; it must be that of a file or a folder')],
])("Serving %j with %j is refused at the call", (paths, options, error) => {
  expect(() => serveFiles(paths, options)).toThrow(error);
});

it("A seeder serves at the host and the port, with the certificate and the secret that it is given", async () => {
  const folder = await folderOf("a");
  const cert = await readFile(join(tls, "cert.pem"));
  const key = await readFile(join(tls, "key.pem"));
  const options = {
    host: "127.0.0.2",
    port: 0,
    token: "secret",
    cert,
    key,
    maxConnections: 2,
    maxRequests: 3,
    limitRate: 1e6,
  };
  const [listening, served] = await firstValueFrom(serveFiles(folder, options).pipe(take(2), toArray()));
  expect(listening).toMatchObject({
    type: "listening",
    url: expect.stringMatching(/^wss:\/\/127\.0\.0\.2:\d+$/) as string,
  });
  expect(served).toMatchObject({ type: "file-served", path: join(folder, "a") });
});

it.each([
  [{ limitRate: 0 }, "limitRate"],
  [{ maxRequests: 0 }, "maxRequests"],
  [{ maxConnections: 0 }, "maxConnections"],
  [{ token: "with a\nline" }, "token"],
])("A seeder that cannot be had as %j is refused at the call", (options, name) => {
  expect(() => serveFiles("a", options)).toThrow(name);
});

it("A server with a certificate is announced nowhere, because others are told an address", () => {
  const announce = () => EMPTY;
  expect(() => serveFiles("a", { announce, cert: "a", key: "b" })).toThrow(/certificate is announced nowhere/);
});

it("Files are announced as each can be had", async () => {
  const folder = await folderOf("a", "b");
  const counts: number[] = [];
  const announce: Announcer = (_, roots) =>
    roots.pipe(
      tap(({ size }) => counts.push(size)),
      ignoreElements(),
    );
  const served = serveFiles(folder, { announce }).pipe(
    filter(({ type }) => type === "file-served"),
    take(2),
  );
  await lastValueFrom(served);
  expect(counts).toEqual([0, 1, 2]);
});
