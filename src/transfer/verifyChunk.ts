import { map, type Observable, of } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { digestOf } from "../manifest/chunks.js";
import { hashName } from "../manifest/HashType.js";
import { toHex } from "../manifest/hex.js";
import type { Chunk, FileFacts } from "../manifest/Manifest.js";

/** A chunk whose bytes are all there. */
export interface WholeChunk {
  readonly chunk: Chunk;
  /** Bytes by peer. */
  readonly peers: Readonly<Record<string, number>>;
  digest(): Uint8Array;
  /** The digest as the platform makes it best; one emission. */
  digested(): Observable<Uint8Array>;
}

/**
 * The error of a chunk that is not what the manifest says: `CHECKSUM_MISMATCH`, which names both digests. Nothing when it is, or when the
 * manifest does not say.
 */
export function verifyChunk(manifest: FileFacts, whole: WholeChunk): DownloadError | undefined {
  const wanted = digestOf(manifest, whole.chunk.index);
  return wanted && mismatch(manifest, whole, { got: whole.digest(), wanted });
}

/** As `verifyChunk`, by the digest as the platform makes it best; one emission. */
export function verifiedChunk(manifest: FileFacts, whole: WholeChunk): Observable<DownloadError | undefined> {
  const wanted = digestOf(manifest, whole.chunk.index);
  if (wanted === undefined) return of(undefined);
  return whole.digested().pipe(map((got) => mismatch(manifest, whole, { got, wanted })));
}

function mismatch(
  manifest: FileFacts,
  whole: WholeChunk,
  { got, wanted }: { readonly got: Uint8Array; readonly wanted: Uint8Array },
): DownloadError | undefined {
  if (sameBytes(got, wanted)) return undefined;
  const { index } = whole.chunk;
  const from = Object.keys(whole.peers).join(" and ");
  const name = hashName(manifest.digestType ?? "sha-256");
  const text = `chunk ${index} from ${from} has ${name} ${toHex(got)}, expected ${toHex(wanted)}`;
  return new DownloadError("CHECKSUM_MISMATCH", text, { chunk: index });
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // Four bytes at a time, in a loop: whole chunks are compared.
  const [ours, theirs] = [new DataView(a.buffer, a.byteOffset), new DataView(b.buffer, b.byteOffset)];
  const inWords = a.length - (a.length % 4);
  for (let i = 0; i < inWords; i += 4) if (ours.getInt32(i) !== theirs.getInt32(i)) return false;
  for (let i = inWords; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
