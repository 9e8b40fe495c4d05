import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { runCli } from "./runCli.js";

const file = randomBytes(1_000_000);
const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../adapters/websocket/tls/${name}.pem`, import.meta.url));
const pem = (name: string): string => readFileSync(pathOf(name), "utf8");

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
});

afterEach(cleanUp);

const get = (...args: readonly string[]) =>
  runCli(folder, ["get", "-o", "mine", ...args], { TRIBUTARY_STATE: join(folder, "state") });
const arrived = async (): Promise<boolean> => file.equals(await readFile(join(folder, "mine")));

describe("a mirror with a certificate of its own", () => {
  const secure = () => serve(answerWith(file, { etag: '"1"' }), { tls: { key: pem("key"), cert: pem("cert") } });

  it("A mirror with a certificate of its own is trusted with --ca", async () => {
    const { url } = await secure();
    const { code, stderr } = await get(url, "--ca", pathOf("cert"));
    expect([code, stderr, await arrived()]).toEqual([0, expect.any(String), true]);
  });

  it("A mirror with a certificate of its own is no mirror without --ca, and the line says why", async () => {
    const { url, requests } = await secure();
    const { code, stderr } = await get(url, "--max-chunk-retries", "0");
    expect(code).toBe(3);
    expect(stderr).toMatch(/certificate/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(requests).toEqual([]);
  });
});

it("Options that turn out to be of no use are told of at the end, those that are known to be at the start, and none with -q", async () => {
  const { url } = await serve(answerWith(file, { etag: '"1"' }));
  const after = "tributary: --jobs is of no use here: there is one file\n";
  expect(await get(url, "--jobs", "3")).toMatchObject({ code: 0, stderr: after });
  const before = "tributary: -j is of no use here: there is one file\n";
  expect(await get(url, `${url}?2`, "-j", "3")).toMatchObject({ code: 0, stderr: before });
  expect(await get(url, "-j", "3", "-q")).toMatchObject({ code: 0, stderr: "" });
});

it("Events come with --json also where -q leaves nothing else to be said", async () => {
  const { url } = await serve(answerWith(file, { etag: '"1"' }));
  const { code, stdout, stderr } = await get(url, "-q", "--json", "-j", "3");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const types = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly type: string }).type);
  expect([types[0], types.at(-1)]).toEqual(["resolving", "download-completed"]);
});

it("Secrets of a mirror stay with its host when it redirects to another, and show nowhere", async () => {
  const target = await serve(answerWith(file, { etag: '"1"' }), { host: "127.0.0.2" });
  const server = await serve((_request, response) => response.writeHead(302, { location: target.url }).end());
  const url = server.url.replace("//", "//me:s3cret@");
  const { code, stdout, stderr } = await get(url, "--header", "127.0.0.1=X-Key: k3y");
  expect([code, await arrived()]).toEqual([0, true]);
  const secrets = `Basic ${Buffer.from("me:s3cret").toString("base64")}`;
  expect(server.requests.map(({ headers }) => [headers.authorization, headers["x-key"]])).toEqual([[secrets, "k3y"]]);
  expect(target.requests.flatMap(({ headers }) => [headers.authorization, headers["x-key"]])).toEqual(
    Array(2 * target.requests.length).fill(undefined),
  );
  expect(stdout + stderr).not.toMatch(/s3cret|k3y/);
});

it("A file that is replaced on the server in mid-run comes in its new version, and a line says so", async () => {
  const before = randomBytes(file.length);
  let asked = 0;
  const { url } = await serve((request, response) => {
    const [bytes, etag] = asked++ < 3 ? [before, '"1"'] : [file, '"2"'];
    const { "if-match": wanted = etag } = request.headers;
    if (wanted === etag) answerWith(bytes, { etag })(request, response);
    else response.writeHead(412, { etag }).end();
  });
  const { code, stdout, stderr } = await get(url);
  expect([code, await arrived()]).toEqual([0, true]);
  // The second where no record of the old version had been saved yet.
  const anew = /its ETag was "1" and is "2"\. It is fetched anew|has changed on the server during the download/;
  expect(stdout + stderr).toMatch(anew);
});
