import { fromHex } from "./hex.js";
import { type HashType, hashTypes } from "./HashType.js";

/** The digest of a whole file. */
export interface Digest {
  readonly type: HashType;
  readonly bytes: Uint8Array;
}

/** The digest that hex digits of either case stand for, or nothing when they are none of this function. */
export function digestFromHex(type: HashType, hex: string): Digest | undefined {
  return fitting(type, fromHex(hex));
}

/** The digest that base64 stands for, with or without its end, or nothing when it is none of this function. */
export function digestFromBase64(type: HashType, base64: string): Digest | undefined {
  try {
    return fitting(
      type,
      Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0)),
    );
  } catch {
    // No base64, which fits no function.
    return undefined;
  }
}

function fitting(type: HashType, bytes: Uint8Array | undefined): Digest | undefined {
  return bytes?.length === hashTypes[type].bytes ? { type, bytes } : undefined;
}
