import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";
import { expect, it, onTestFinished } from "vitest";
import { describePage, newPage } from "../../chromium.js";
import { tempFolder } from "../../tempFolder.js";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(`${project}README.md`, "utf8");
const [download = "", operator = "", page = ""] = Array.from(
  readme.matchAll(/^```ts\n([^]*?)^```$/gm),
  ([, code = ""]) => code,
);

/** A server on a host of its own, gone after the test; its address. */
async function serve(host: string, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, host);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** A file by ranges, as any mirror gives it, to pages of any origin. */
const mirrorOf =
  (bytes: Buffer): RequestListener =>
  ({ headers, method }, response) => {
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    const end = Math.min(to === "" ? bytes.length : Number(to) + 1, bytes.length);
    const part = bytes.subarray(Number(from), end);
    response.writeHead(headers.range === undefined ? 200 : 206, {
      "Accept-Ranges": "bytes",
      "Access-Control-Allow-Headers": "*",
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "*",
      "Content-Length": part.length,
      ETag: '"1"',
      ...(headers.range !== undefined && { "Content-Range": `bytes ${from}-${end - 1}/${bytes.length}` }),
    });
    response.end(method === "GET" ? part : undefined);
  };

/** A snippet with real servers in the place of its examples. */
const asked = (code: string, [a, b]: readonly [string, string]): string =>
  code.replaceAll("https://a.example", a).replaceAll("https://b.example", b);

/** Runs a snippet as a module of a program; its folder has what it writes. Returns what it printed. */
async function run(code: string, folder: string): Promise<string> {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext } });
  const path = join(folder, "snippet.mjs");
  await writeFile(
    path,
    outputText.replaceAll(/from "(rx-tributary[\w/]*)"/g, (_, name: string) => `from ${doorOf(name)}`),
  );
  const env = { ...process.env, TRIBUTARY_STATE: join(folder, "state") };
  const child = spawn(process.execPath, [path], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const [exitCode] = (await once(child, "close")) as [number | null];
  expect({ exitCode, printed }).toMatchObject({ exitCode: 0 });
  return printed;
}

/** The built file of a door, as the source of an import. */
const doorOf = (name: string): string => {
  const door = name === "rx-tributary" ? "index" : name.replace("rx-tributary/", "");
  return JSON.stringify(new URL(`../../../dist/src/${door}.js`, import.meta.url).href);
};

it("README's first snippet downloads its file, and tells what happens", async () => {
  const film = randomBytes(3_000_000);
  const folder = await tempFolder();
  const mirrors = [await serve("127.0.0.1", mirrorOf(film)), await serve("127.0.0.2", mirrorOf(film))] as const;
  const printed = await run(asked(download, mirrors), folder);
  expect(printed).toMatch(/^Downloading film\.mkv: 3\.00 MB/m);
  expect(printed).toMatch(/^Done: 3\.00 MB/m);
  expect(await readFile(join(folder, "film.mkv"))).toEqual(film);
});

it("README's snippet of the operator has its answer from the second server, when the first is down", async () => {
  const down: RequestListener = (request) => request.socket.destroy();
  const rates: RequestListener = (_, response) => void response.end('{"eur":1}');
  const servers = [await serve("127.0.0.1", down), await serve("127.0.0.2", rates)] as const;
  expect(await run(asked(operator, servers), await tempFolder())).toBe("{ eur: 1 }\n");
});

describePage("README's snippet for a page", () => {
  it("README's snippet for a page links to the file when all of it is there", async () => {
    const film = randomBytes(3_000_000);
    const mirrors = [await serve("127.0.0.1", mirrorOf(film)), await serve("127.0.0.2", mirrorOf(film))] as const;
    const { outputFiles } = await build({
      stdin: { contents: asked(page, mirrors), loader: "ts", resolveDir: project },
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
    });
    const script = outputFiles[0]?.text ?? "";
    const site = await serve("127.0.0.3", ({ url }, response) => {
      const isScript = url === "/app.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<body><script type="module" src="/app.js"></script></body>');
    });
    const tab = await newPage();
    await tab.goto(site);
    await tab.waitForSelector("a[href^='blob:']");
    const size = await tab.evaluate(
      "fetch(document.querySelector('a').href).then((answer) => answer.arrayBuffer()).then((bytes) => bytes.byteLength)",
    );
    expect(size).toBe(film.length);
  });
});
