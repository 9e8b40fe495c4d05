import * as v from "valibot";
import { DownloadError } from "../errors/DownloadError.js";
import type { CatalogueContent } from "./Catalogue.js";
import { amount, count } from "./amounts.js";
import { describeIssue } from "./describeIssue.js";
import { catalogueVersion } from "./encodeCatalogue.js";
import type { Damage } from "./parseCheckpoint.js";
import { peerRecordSchema } from "./SavedPeerRecord.js";

const byName = v.record(v.string(), amount);

/** Totals as they were saved. A figure that 0.1.0 does not write is to be optional here, and zero where it is absent. */
const totalsSchema = v.object({
  since: v.exactOptional(amount),
  runs: count,
  completed: count,
  paused: count,
  failed: byName,
  resumed: count,
  verified: amount,
  received: amount,
  waste: byName,
  retries: byName,
  continuations: count,
  switches: count,
  troubledChunks: count,
  recoveredChunks: count,
  longestRecoveryMs: amount,
});

const catalogueSchema = v.object({
  version: v.literal(catalogueVersion),
  peers: v.record(v.string(), peerRecordSchema),
  totals: totalsSchema,
});

/**
 * The catalogue in a parsed JSON value, or what is damaged in it.
 *
 * @throws DownloadError `LOCAL_IO` when it was written by a newer version, and so is not ours to touch.
 */
export function parseCatalogue(json: unknown): CatalogueContent | Damage {
  const { version } = Object(json) as { readonly version?: unknown };
  if (typeof version === "number" && version > catalogueVersion) {
    const text = `the catalogue has version ${version}, expected at most ${catalogueVersion}: it was written by a newer program`;
    throw new DownloadError("LOCAL_IO", text);
  }
  const parsed = v.safeParse(catalogueSchema, json);
  if (!parsed.success) return { damage: describeIssue(parsed.issues[0]) };
  const { peers, totals } = parsed.output;
  return { peers, totals };
}
