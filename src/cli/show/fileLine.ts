import { describeEvent, type DownloadEvent } from "../../index.js";
import type { FileOutcome } from "../../node.js";
import { fileLabel } from "./fileLabel.js";

/** The line of a file that has ended. Why it failed is told on stderr, at the end. */
export function endLine(outcome: FileOutcome): string {
  const called = fileLabel(outcome);
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
