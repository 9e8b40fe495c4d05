import { randomUUID } from "node:crypto";
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { lockDownload } from "../../../src/adapters/node/lock.js";

/**
 * Holds the download many times and each time "dies" with it: leaves behind the lock of a process that does not exist, so that
 * every holding is a take-over that others want too. Exits with 1 when it was not alone while it held.
 */
const path = process.argv[2] ?? "";
let left = 100;

function dieHolding(): void {
  // Fails when another is between here and the removal.
  closeSync(openSync(`${path}.inside`, "wx"));
  writeFileSync(`${path}.${process.pid}`, JSON.stringify({ id: randomUUID(), pid: 2 ** 30 }));
  rmSync(`${path}.inside`);
  renameSync(`${path}.${process.pid}`, `${path}.lock`);
  left -= 1;
}

while (left > 0) {
  const failures: string[] = [];
  lockDownload(path).subscribe({ error: (error: unknown) => failures.push(String(error)) });
  if (failures.length === 0) dieHolding();
  else if (failures.some((failure) => !failure.includes("is running already"))) throw new Error(failures.join());
}
