import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { tempFolder } from "../../tempFolder.js";
import { type Finished, runCli, startCli } from "./runCli.js";

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
});

/** As text and in a header: an escape, the same in one byte, and what turns the direction of writing, where they may stand. */
const bell = "\u009b2J\u009d0;owned\u009c";
const long = `${bell}${"x".repeat(12_000)}`;

/** The address of a file on a server that answers each request with this head, and a body. Written by hand: Node's own server refuses such words. */
async function serve(head: readonly string[], body = "film", path = "/film"): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", () =>
      socket.end(`HTTP/1.1 ${[...head, "Connection: close"].join("\r\n")}\r\n\r\n${body}`, "latin1"),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

/** No line that was printed is longer than a screen or two, or has anything that a terminal obeys. */
function expectHarmless({ stdout, stderr }: Pick<Finished, "stdout" | "stderr">): void {
  for (const line of (stdout + stderr).split("\n")) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(line.length).toBeLessThan(4200);
  }
}

const heads = [
  ["a Content-Range", ["206 Partial Content", `Content-Range: ${long}`, "Content-Length: 9"]],
  ["a Content-Encoding", ["200 OK", `Content-Encoding: ${long}`]],
  ["a Location", ["302 Found", `Location: http://[${long}`]],
  ["a scheme to go to", ["302 Found", `Location: ${"x".repeat(12_000)}:film`]],
  ["a reason", [`404 ${bell}`]],
  [
    "a name, an ETag and links",
    [
      ...["200 OK", "Content-Length: 4", `ETag: "${bell}"`, `Last-Modified: ${bell}`],
      ...[`Content-Disposition: attachment; filename="${bell}"`, `Link: <http://${bell}/>; rel=duplicate`],
    ],
  ],
] as const;

describe("words of strangers", () => {
  it.each(heads)(
    "A server that gives control characters and 12 KB in the place of %s says nothing to the terminal",
    async (_, head) => {
      const url = await serve(head);
      for (const flags of [[], ["--json"]]) {
        const ran = await runCli(folder, [
          "get",
          url,
          "--overwrite",
          "--max-chunk-retries",
          "0",
          "--no-catalogue",
          ...flags,
        ]);
        expect(ran.stdout + ran.stderr).not.toBe("");
        expectHarmless(ran);
      }
    },
  );

  it.each([
    ["a root element", `<${"x".repeat(1_000_000)}/>`],
    ["an element that is not closed", `<metalink><${"x".repeat(1_000_000)}></metalink>`],
    ["an entity", `<metalink>&${"x".repeat(1_000_000)};</metalink>`],
  ])("A Metalink with %s of a megabyte is refused in one line", async (_, text) => {
    const url = await serve(["200 OK"], text, "/film.meta4");
    const ran = await runCli(folder, ["get", url, "--json"]);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/^tributary: http:\S+: the metalink is refused: [^\n]*\n$/);
    expectHarmless(ran);
  });

  it("A client that names a long origin with control characters says nothing to the terminal of a seeder", async () => {
    await writeFile(join(folder, "film"), "film");
    const seeder = startCli(folder, ["seed", "film"]);
    const [link = ""] = /ws:\S+/.exec(await seeder.printed(/ws:\S+\/[0-9a-f]{64}/)) ?? [];
    const socket = new WebSocket(link, "tributary.v1", { headers: { Origin: bell + "x".repeat(8000) } });
    onTestFinished(() => socket.terminate());
    socket.on("error", () => undefined);
    await seeder.printed(/was refused/);
    seeder.child.kill("SIGINT");
    expectHarmless(await seeder.finished);
  });
});
