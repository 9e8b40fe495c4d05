import { DownloadError } from "../errors/DownloadError.js";

/** Bytes of the heads of values that begin with 0xc0 to 0xdf; 0 for those of extension types. */
const headBytes = [1, 1, 1, 1, 2, 3, 5, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 0, 0, 0, 0, 0, 2, 3, 5, 3, 5, 3, 5];

/**
 * Refuses extension types of MessagePack, wherever in the frame: the protocol has none, and a reader makes of them what the sender says, such as dates, sets
 * and regular expressions. One look at the head of each value, without making any.
 *
 * @throws DownloadError `PROTOCOL_ERROR`
 */
export function refuseExtensions(frame: Uint8Array): void {
  for (let at = 0; at < frame.length;) {
    const size = sizeOfValue(frame, at);
    if (size === 0)
      throw new DownloadError("PROTOCOL_ERROR", `not a message: at ${at} it has an extension of MessagePack`);
    at += size;
  }
}

/** Bytes to the next head, 0 for an extension type. The members of a map or an array follow its head. */
function sizeOfValue(frame: Uint8Array, at: number): number {
  const first = frame[at] ?? 0;
  if (first < 0xa0 || first >= 0xe0) return 1;
  if (first < 0xc0) return 1 + (first & 0x1f);
  const head = headBytes[first - 0xc0] ?? 0;
  const isBinary = first >= 0xc4 && first <= 0xc6;
  const isText = first >= 0xd9 && first <= 0xdb;
  return isBinary || isText ? head + bigEndian(frame, at + 1, at + head) : head;
}

function bigEndian(frame: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at += 1) value = value * 256 + (frame[at] ?? 0);
  return value;
}
