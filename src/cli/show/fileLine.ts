import { describeEvent, type DownloadEvent } from "../../index.js";
import type { FileOutcome } from "../../node.js";

/** The line of a file that has ended. Why it failed is told on stderr, at the end. */
export function endLine({ name, source, file, ...outcome }: FileOutcome): string {
  const called = name ?? source ?? `file ${file + 1}`;
  switch (outcome.status) {
    case "completed": {
      const event: DownloadEvent = { type: "download-completed", at: 0, account: outcome.account };
      return `${called}: ${describeEvent(event) ?? "Done"}`;
    }
    case "failed":
      return `${called}: Failed (${outcome.error.code})`;
    case "paused":
      return `${called}: Paused`;
    case "cancelled":
      return `${called}: Cancelled`;
  }
}
