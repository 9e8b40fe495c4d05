import { concat, concatMap, defer, EMPTY, type Observable, of, throwError } from "rxjs";
import { tellHashing } from "./tellHashing.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { Digest } from "../manifest/Digest.js";
import { hasherOf } from "../manifest/Hasher.js";
import { hashName } from "../manifest/HashType.js";
import { toHex } from "../manifest/hex.js";
import { hashRange } from "../storage/hashRange.js";
import { sameBytes } from "../transfer/verifyChunk.js";
import type { DownloadRun } from "./DownloadRun.js";
import { plural } from "./plural.js";
import { spoiltOnDisk } from "./rehash.js";

/**
 * Hashes the whole file, if a digest of it is known, and when it is another one, finds out where it is wrong, if its chunks have no digests of their own:
 *
 * 1. On our disk, by the sums of the chunks. Those are transferred again.
 * 2. With a peer. One after the other is suspected: the chunks that stand on its word alone are asked of others. One that comes the same has two
 *    witnesses now, and is right; one that comes otherwise is taken as the others have it, and the whole is hashed again.
 *
 *     suspect A    ask others for what A brought ─▶ some differ ─▶ hash ─▶ right: A lied
 *     suspect B    ask others for what B brought, and what differed from A ─▶ hash ─▶ ...
 *
 * So with two mirrors each of them is tried as the one who is right everywhere, and with more the odd one out is outvoted. It costs at most the file's size
 * once more, and what differs once again for each peer. Whoever alone brought another version of a chunk than the right file has is quarantined.
 *
 * @throws DownloadError `CHECKSUM_MISMATCH`, which names both digests, when nobody can be asked or no choice is right: then nothing of it is claimed
 *   any more. `LOCAL_IO`, and as the transfers do.
 */
export function mendWhole<V>(run: DownloadRun, transfer: (chunks: readonly number[]) => Observable<V>): Observable<V> {
  const { name, whole, digests } = run.parts.manifest;
  const { witnesses } = run.progress;
  const suspected = new Set<string>();
  let isDiskChecked = false;

  const check = (): Observable<V> => defer(() => (whole === undefined ? EMPTY : compare(whole)));
  const compare = (expected: Digest): Observable<V> =>
    hashOf(run, expected).pipe(
      concatMap((found) => {
        if (sameBytes(found, expected.bytes)) return convict();
        if (digests !== undefined) return giveUp(found, expected);
        return isDiskChecked ? suspectNext(found, expected) : mendDisk(found, expected);
      }),
    );

  const mendDisk = (found: Uint8Array, expected: Digest): Observable<V> => {
    isDiskChecked = true;
    return spoiltOnDisk(run).pipe(
      concatMap((spoilt) => (spoilt.length > 0 ? concat(transfer(spoilt), check()) : suspectNext(found, expected))),
    );
  };

  const suspectNext = (found: Uint8Array, expected: Digest): Observable<V> => {
    const suspect = witnesses.suspects.find((peer) => !suspected.has(peer));
    if (suspect === undefined) return giveUp(found, expected);
    suspected.add(suspect);
    const chunks = witnesses.standingOn(suspect).filter((index) => !run.pool.isOnly(suspect, index));
    if (chunks.length === 0) return suspectNext(found, expected);
    run.notice(
      `${difference(name, found, expected)}: others are asked for ${plural(chunks.length, "chunk")} from ${suspect}, to see who is wrong`,
    );
    const before = chunks.map((index) => witnesses.sumOf(index));
    run.askOthers(chunks, suspect);
    const isSame = (): boolean => chunks.every((index, at) => witnesses.sumOf(index) === before[at]);
    return concat(
      transfer(chunks),
      defer(() => {
        run.askAnybody(chunks);
        return isSame() ? suspectNext(found, expected) : check();
      }),
    );
  };

  const convict = (): Observable<never> => {
    for (const [peer, chunks] of witnesses.liars) {
      const text = `${peer} brought ${plural(chunks.length, "chunk")} of ${name} wrong: ${chunks.slice(0, 10).join(", ")}`;
      run.notice(text);
      run.pool.quarantine(peer, new DownloadError("CHECKSUM_MISMATCH", text, { peer }));
    }
    return EMPTY;
  };

  const giveUp = (found: Uint8Array, expected: Digest): Observable<never> => {
    const why = verdictOf(run, suspected);
    run.forget();
    const text = `${difference(name, found, expected)}; ${why}nothing of it counts`;
    return throwError(() => new DownloadError("CHECKSUM_MISMATCH", text));
  };

  return check();
}

function difference(name: string, found: Uint8Array, { type, bytes }: Digest): string {
  return `${name} has ${hashName(type)} ${toHex(found)}, expected ${toHex(bytes)}`;
}

function hashOf(run: DownloadRun, { type }: Digest): Observable<Uint8Array> {
  return defer(() => {
    const { sink, digest, hashes, manifest } = run.parts;
    const { size } = manifest;
    const onHashed = tellHashing({ clock: run.clock, emit: (event) => run.emit(event) }, size);
    run.emit({ type: "checking", hash: type });
    return hashRange(sink, { offset: 0, length: size }, hasherOf(type, digest, hashes), onHashed).pipe(
      concatMap((found = new Uint8Array()) => of(found)),
    );
  });
}

/** Words on who is wrong, as far as can be told, to stand before what follows from it. */
function verdictOf(
  { progress: { witnesses }, parts: { manifest } }: DownloadRun,
  suspected: ReadonlySet<string>,
): string {
  if (manifest.digests !== undefined) return "";
  const [only, ...others] = suspected;
  if (only === undefined) return "";
  const { contested } = witnesses;
  if (contested.length > 0) {
    return `those who have it differ in ${plural(contested.length, "chunk")}, and no choice of them is right: `;
  }
  return others.length === 0
    ? `it came from ${only} alone, and nobody else could be asked: `
    : "those who have it agree in every chunk, so that the digest may be of another file: ";
}
