import { createInterface } from "node:readline";
import { lockDownload } from "../../../src/adapters/node/lock.js";

/** Says "ready", waits for a line, tries to hold the download, says what came of it, and stays until killed or told to end. */
const lines = createInterface({ input: process.stdin });
console.log("ready");
lines.once("line", () => {
  lockDownload(process.argv[2] ?? "").subscribe({
    next: () => console.log("held"),
    error: (error: unknown) => console.log(String(error)),
  });
});
