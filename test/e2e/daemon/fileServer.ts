import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

const size = 12_000_000;
/** The bytes of every file that is served. */
export const servedBytes = Buffer.alloc(size, "tributary, a byte at a time; ");

/** A server of the file under every name, whose bytes stop at `holdAt` until `release` is called. */
export async function fileServer(holdAt = Infinity) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const server = createServer((asked, answer) => {
    const range = /bytes=(\d+)-(\d*)/.exec(asked.headers.range ?? "");
    const from = Number(range?.[1] ?? 0);
    const end = Math.min(size, range?.[2] ? Number(range[2]) + 1 : size);
    const part = range && { "content-range": `bytes ${from}-${end - 1}/${size}` };
    answer.writeHead(range ? 206 : 200, {
      etag: '"1"',
      "accept-ranges": "bytes",
      "content-length": end - from,
      ...part,
    });
    const first = Math.max(from, Math.min(end, holdAt));
    answer.write(servedBytes.subarray(from, first));
    if (first >= end) answer.end();
    else void released.then(() => answer.end(servedBytes.subarray(first, end)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, release };
}
