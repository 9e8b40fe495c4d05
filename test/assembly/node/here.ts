import { writeFile } from "node:fs/promises";
import { lastValueFrom, type Observable, of } from "rxjs";
import { checkpointStore } from "../../../src/adapters/node/checkpointStore.js";
import type { MirrorFile } from "../../../src/discovery/MirrorFile.js";
import { printOf } from "../../../src/discovery/samples.js";
import type { FileFacts } from "../../../src/manifest/Manifest.js";
import { chunkCount } from "../../../src/manifest/chunks.js";
import type { ByteRange } from "../../../src/peers/Peer.js";
import { Bitmap } from "../../../src/storage/Bitmap.js";

/** A file on mirrors that can be compared with, and the places that were. */
export function mirrorsWith(file: Uint8Array, modifiedAt?: number): MirrorFile & { readonly compared: ByteRange[] } {
  const compared: ByteRange[] = [];
  return {
    compared,
    ...(modifiedAt !== undefined && { modifiedAt }),
    sample: (ranges) => {
      compared.push(...ranges);
      return of(printOf(ranges.map(({ position, length }) => file.subarray(position, position + length))));
    },
  };
}

/** Mirrors of which none can start in the middle. */
export const incomparable: MirrorFile = { sample: () => undefined };

/** Leaves what a run leaves that was stopped: bytes, and a record that claims some chunks of them. */
export async function leave(
  path: string,
  bytes: Uint8Array,
  facts: FileFacts,
  claimed: readonly number[],
  frontiers: Readonly<Record<string, number>> = {},
): Promise<void> {
  const { root, name, size, chunkSize, mirrors } = facts;
  const complete = claimed.reduce((all, chunk) => all.with(chunk), Bitmap.empty(chunkCount(facts))).toBytes();
  await writeFile(`${path}.part`, bytes);
  const record = { version: 1, root, name, size, chunkSize, complete, ...(mirrors && { mirrors }) } as const;
  await done(
    checkpointStore(`${path}.part.json`, facts).save({
      ...record,
      ...{ frontiers, failed: [], peers: {}, resumes: 0, savedAt: 0 },
    }),
  );
}

export function done<T>(work: Observable<T>): Promise<T | undefined> {
  return lastValueFrom<T, undefined>(work, { defaultValue: undefined });
}
