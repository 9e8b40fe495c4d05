import { randomBytes } from "node:crypto";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compareDialect, dialectOf } from "./compareDialect.js";
import type { RealServer } from "./realServers.js";

const size = 200_000;

/** Prints in what a real server differs from the lab's dialect that stands for it, or from an ordinary one if there is none; resolves with how much. */
export async function tryDialect(server: RealServer, folder: string): Promise<number> {
  const [files, own] = [join(folder, "files"), join(folder, "own")];
  await mkdir(files, { recursive: true, mode: 0o755 });
  await mkdir(own);
  await writeFile(join(files, "file.bin"), randomBytes(size));
  await writeFile(join(files, "empty.bin"), "");
  await writeFile(join(files, "packed.tar.gz"), gzipSync(randomBytes(1000)));
  const old = new Date("2022-01-01");
  for (const name of await readdir(files)) await utimes(join(files, name), old, old);
  const dialect = dialectOf(server.name);
  const running = await server.start(files, own);
  try {
    const differences = await compareDialect(dialect ?? {}, { origin: running.origin, size }, files);
    const kind =
      dialect === undefined ? "an ordinary server, as no dialect stands for it" : `one that ${dialect.title}`;
    console.log(`${server.name}: ${differences.length === 0 ? "is" : "differs from"} ${kind}`);
    for (const { what, expected, answered } of differences)
      console.log(`  ${what.padEnd(16)}${answered}, expected ${expected}`);
    return dialect === undefined ? 0 : differences.length;
  } finally {
    await running.stop();
  }
}
