import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { lastValueFrom } from "rxjs";
import { ofType } from "rx-tributary";
import { downloadFile } from "rx-tributary/node";

const wanted = randomBytes(1 << 20);
const server = createServer((_, response) => response.end(wanted)).listen(0, "127.0.0.1");
await once(server, "listening");
const mirror = `http://127.0.0.1:${server.address().port}/file.bin`;
const { path } = await lastValueFrom(downloadFile([mirror], { out: "file.bin" }).pipe(ofType("download-completed")));
if (!wanted.equals(await readFile(path))) throw new Error(`${path} is another file`);
server.closeAllConnections();
server.close();
console.log(`downloadFile stored ${wanted.length} bytes`);
