/**
 * A program of a user's: downloads `argv[2]` to `argv[3]` on a disk that takes `argv[4]` milliseconds for each write, has something else to do
 * meanwhile, and says how the download ended.
 */
import { open } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { downloadFile } from "rx-tributary/node";
import { lastValueFrom } from "rxjs";

interface Writer {
  write: (this: Writer, ...args: unknown[]) => Promise<unknown>;
}

const [, , url = "", out = "", ms = ""] = process.argv;
const file = await open(import.meta.filename);
const disk = Object.getPrototypeOf(file) as Writer;
await file.close();
const { write } = disk;
disk.write = async function slowly(this: Writer, ...args) {
  await setTimeout(Number(ms));
  return write.apply(this, args);
};

const last = await lastValueFrom(downloadFile(url, { out, catalogue: false }));
await setTimeout(50);
console.log(`still here: ${last.type}`);
