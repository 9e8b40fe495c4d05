import { open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, toArray } from "rxjs";
import { expect, it, onTestFinished } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import { chunkCount } from "../../src/manifest/chunks.js";
import { downloadFile } from "../../src/node.js";
import { syntheticContent } from "../lab/content.js";
import { FaultServer } from "../lab/FaultServer.js";
import { serve } from "../lab/serve.js";
import { tempFolder } from "../node/tempFolder.js";
import { leave } from "./node/here.js";

const size = 5 * 2 ** 30 + 1;
const etag = '"v1"';

it("a file of more than 4 GiB is continued beyond its 2^32nd byte, and each byte comes to its place", async () => {
  const folder = await tempFolder();
  const out = join(folder, "huge");
  const content = syntheticContent(size);
  const server = await FaultServer.start(serve(content, { etag }));
  onTestFinished(() => server.close());

  const peer = server.url;
  const facts = plainFile({ name: "huge", size, mirrors: { [peer]: { etag } } }, sha256);
  const { chunkSize } = facts;
  const missing = chunkCount(facts) - 3;
  const claimed = Array.from({ length: missing }, (_, index) => index);
  await leave(out, new Uint8Array(), facts, claimed);
  await truncate(`${out}.part`, missing * chunkSize); // sparse: it takes no room
  const events = await lastValueFrom(downloadFile(server.url, { out, catalogue: false }).pipe(toArray()));

  expect(events.at(-1)).toMatchObject({
    type: "download-completed",
    account: { size, received: 2 * chunkSize + 1, resumed: missing * chunkSize },
  });
  expect(missing * chunkSize).toBeGreaterThan(2 ** 32);
  const file = await open(out);
  const tail = Buffer.alloc(2 * chunkSize + 1);
  await file.read(tail, 0, tail.length, missing * chunkSize);
  const stats = await file.stat();
  await file.close();
  expect(tail.equals(content.read(missing * chunkSize, tail.length))).toBe(true);
  expect(stats.size).toBe(size);
});
