import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defer, lastValueFrom, type Observable } from "rxjs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { downloadFile, type MetalinkFile, type Source } from "../../../src/node.js";
import { answerWith, cleanUp, errorOf, fileOf, plainTcp, serve } from "../../adapters/http/harness.js";
import { lookUp } from "../../adapters/network/names.js";
import { tempFolder } from "../../tempFolder.js";

const bytes = fileOf(50_000);
const once = { maxChunkRetries: 0, maxTotalRetries: 0 };
let dir: string;

beforeEach(async () => {
  dir = await tempFolder();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await cleanUp();
});

/** A file of a document, whose one address is that of a server here, by a name that does not show it. */
function fileAt(url: string, from: Pick<MetalinkFile, "publicOnly">): MetalinkFile {
  return { name: "film", size: bytes.length, urls: [url.replace("127.0.0.1", "out.example")], ...from };
}

function run(...sources: Source[]): Observable<unknown> {
  return defer(() => {
    // Servers that listen look names up, too.
    lookUp({ "out.example": [{ address: "127.0.0.1", family: 4 }] });
    return downloadFile(sources, { dir, retry: once });
  });
}

describe("a file of a document from the public network", () => {
  it("Its mirror is not asked where the name leads to this machine, and is where the document is from here", async () => {
    const server = await serve(answerWith(bytes));
    let connections = 0;
    server.server.on("connection", () => (connections += 1));
    const error = await errorOf(run(fileAt(server.url, { publicOnly: true })));
    expect(error).toMatchObject({ code: "PEER_REJECTED" });
    expect(connections).toBe(0);
    await lastValueFrom(run(fileAt(server.url, {})));
    expect(bytes.equals(await readFile(join(dir, "film")))).toBe(true);
  });

  it("Its mirror is asked wherever the name leads when the user has named it, too", async () => {
    const server = await serve(answerWith(bytes));
    const file = fileAt(server.url, { publicOnly: true });
    await lastValueFrom(run(file, ...file.urls));
    expect(bytes.equals(await readFile(join(dir, "film")))).toBe(true);
  });

  it("Its seeder is not dialled where the name leads to this machine, and is where the document is from here", async () => {
    const seeder = await plainTcp((socket) => socket.destroy());
    const link = seeder.url.replace(/^http(.*)\/.*$/, `ws$1/${"a".repeat(64)}`);
    const refused = await errorOf(run(fileAt(link, { publicOnly: true })));
    expect(refused.message).toContain(
      "out.example has only addresses of this machine or a private network (127.0.0.1)",
    );
    expect(seeder.sockets).toEqual([]);
    await errorOf(run(fileAt(link, {})));
    expect(seeder.sockets).not.toEqual([]);
  });
});
