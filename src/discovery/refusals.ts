import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";

/** Why a mirror that has answered is not used. */

export function otherSize(peer: string, size: number, wanted: number): DownloadError {
  return changed(peer, `has another file: its size is ${size}, expected ${wanted}`);
}

export function otherBytes(peer: string): DownloadError {
  return changed(peer, "has another file of the same size: its bytes are not those of the other mirrors");
}

/** A mirror that may well have the same file: nobody can tell. */
export function notComparable(peer: string): DownloadError {
  return untold(peer, "sends only the whole file, which cannot be compared with the other mirrors'");
}

export function nobodyToCompare(peer: string): DownloadError {
  return untold(peer, "cannot be compared: no mirror that was there before gives parts of its file");
}

/** The first mirror that answered, when the others decided otherwise. */
export function wasOutvoted(peer: string): DownloadError {
  return changed(peer, "was the first to answer, and has another file than the other mirrors");
}

/** A mirror that is not to blame, and may be asked later. */
export function nobodyToCompareNow(peer: string, cause: unknown): DownloadError {
  const text = `${peer} cannot be compared now: no mirror that was there before answers`;
  return new DownloadError("PEER_UNAVAILABLE", text, { peer, cause });
}

function untold(peer: string, text: string): DownloadError {
  return new DownloadError("CHUNK_NOT_AVAILABLE", `${peer} ${text}`, { peer });
}

function changed(peer: string, text: string): DownloadError {
  return new DownloadError("RESOURCE_CHANGED", `${peer} ${text}`, { peer });
}

/** When no mirror can be used: what the last one said, or that all said the same. */
export function nobodyHasIt(errors: readonly unknown[]): DownloadError {
  const all = errors.map((error) => toDownloadError(error));
  const last = all.at(-1);
  if (last === undefined) return new DownloadError("NO_PEERS", "no mirror could be asked");
  if (all.every(({ code }) => code === "FILE_NOT_FOUND")) {
    const text = all.length === 1 ? last.message : `none of ${all.length} mirrors has the file`;
    return new DownloadError("FILE_NOT_FOUND_ANYWHERE", text, { cause: last });
  }
  return last;
}
