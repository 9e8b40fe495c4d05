import * as v from "valibot";
import { DownloadError } from "../errors/DownloadError.js";
import { checkCut, mostChunkBytes } from "../manifest/checkManifest.js";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { fromBase64 } from "./base64.js";
import { Bitmap } from "./Bitmap.js";
import type { Checkpoint } from "./Checkpoint.js";
import { ChunkSums } from "./ChunkSums.js";
import { type CheckpointJson, checkpointSchema, checkpointVersion } from "./checkpointSchema.js";
import { describeIssue } from "./describeIssue.js";

/** The file that a checkpoint is expected to be of. */
export type CheckpointOf = Pick<FileFacts, "root" | "size" | "chunkSize" | "digests">;

/** Why a record is no checkpoint. */
export interface Damage {
  readonly damage: string;
}

/**
 * The checkpoint in a parsed JSON value, or what is damaged in it.
 *
 * @throws DownloadError `INVALID_CHECKPOINT` when the record is a good one, but not ours to touch: of another file than
 *   `expected`, or written by a newer version.
 */
export function parseCheckpoint(json: unknown, expected?: CheckpointOf): Checkpoint | Damage {
  refuseForeign(json, expected);
  const parsed = v.safeParse(checkpointSchema, json);
  if (!parsed.success) return { damage: describeIssue(parsed.issues[0]) };
  try {
    return decode(parsed.output, expected);
  } catch (error) {
    return { damage: (error as Error).message };
  }
}

/** Looks at version and root first, so that a record whose other fields we do not know is left alone as well. */
function refuseForeign(json: unknown, expected: CheckpointOf | undefined): void {
  if (typeof json !== "object" || json === null) return;
  const { version, root } = json as { readonly version?: unknown; readonly root?: unknown };
  if (typeof version === "number" && version > checkpointVersion) {
    throw new DownloadError(
      "INVALID_CHECKPOINT",
      `the saved progress has version ${version}, expected at most ${checkpointVersion}: it was written by a newer program`,
    );
  }
  if (expected !== undefined && typeof root === "string" && root !== expected.root) {
    throw new DownloadError(
      "INVALID_CHECKPOINT",
      `the saved progress is of another file: its root is ${root.slice(0, 64)}, expected ${expected.root}`,
    );
  }
}

function decode(json: CheckpointJson, expected: CheckpointOf | undefined): Checkpoint {
  // How large a chunk may be was decided with the manifest.
  checkCut(json, { maxChunkBytes: mostChunkBytes });
  const { size } = expected ?? json;
  if (json.size !== size) throw new RangeError(`size is ${json.size}, expected ${size}`);
  // The root of a file without digests does not say how it is cut: see `recut`.
  const chunkSize = expected?.digests === undefined ? json.chunkSize : expected.chunkSize;
  if (json.chunkSize !== chunkSize) throw new RangeError(`chunkSize is ${json.chunkSize}, expected ${chunkSize}`);
  for (const [index, frontier] of Object.entries(json.frontiers)) {
    const { length } = chunkAt(json, Number(index));
    if (frontier > length)
      throw new RangeError(`chunk ${index} has a frontier of ${frontier}, expected at most ${length}`);
  }
  const chunks = chunkCount(json);
  const { complete, sums, broughtBy, ...rest } = json;
  return {
    ...rest,
    complete: Bitmap.from(fromBase64(complete), chunks).toBytes(),
    ...(sums !== undefined && { sums: ChunkSums.from(fromBase64(sums), chunks).toBytes() }),
    ...(broughtBy !== undefined && { broughtBy: bytesOf(broughtBy, chunks) }),
  };
}

function bytesOf(base64: string, expected: number): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes.length !== expected) throw new RangeError(`broughtBy has ${bytes.length} bytes, expected ${expected}`);
  return bytes;
}
