/** Fetches a file twice, bare or with a download, and tells its parent the seconds it took and the most memory it had. */
import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { downloadFile } from "rx-tributary/node";
import { lastValueFrom } from "rxjs";
import { WebSocket } from "ws";

const [how, url = "", out = ""] = process.argv.slice(2);

/** Receives, hashes chunk by chunk, writes: what nobody who checks a download can do without. */
async function bare(): Promise<void> {
  const file = await open(out, "w");
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const writes = new Set<Promise<unknown>>();
  let at = 0;
  socket.on("message", (data: Buffer) => {
    createHash("sha256").update(data).digest();
    const write = file.write(data, 0, data.length, at);
    at += data.length;
    writes.add(write);
    if (writes.size > 64) socket.pause();
    void write.then(() => {
      writes.delete(write);
      if (writes.size < 32) socket.resume();
    });
  });
  await new Promise((resolve) => socket.on("close", resolve));
  await Promise.all(writes);
  await file.close();
}

const fetch = (): Promise<unknown> =>
  how === "bare" ? bare() : lastValueFrom(downloadFile(url, { out, catalogue: `${out}.catalogue.json` }));

async function timed(): Promise<number> {
  const started = performance.now();
  await fetch();
  return (performance.now() - started) / 1000;
}

// The first time the engine still compiles what it runs; the second time shows what it costs from then on.
const coldSeconds = await timed();
const rssBytes = process.resourceUsage().maxRSS * 1024;
await rm(out);
const before = process.cpuUsage();
const warmSeconds = await timed();
const { user, system } = process.cpuUsage(before);
process.send?.({ coldSeconds, warmSeconds, cpuSeconds: (user + system) / 1e6, rssBytes });
process.disconnect();
