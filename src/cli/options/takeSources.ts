import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isOrigin, originKinds, parseChecksum, parsePlace, printableUrl } from "../../command.js";
import { UsageError, usage, wrongValue } from "../UsageError.js";

/** Reads the place of a seeder. */
export function aPeer(text: string, called: string): string {
  if (/^wss?:\/\//i.test(text) && canParsePlace(text)) return text;
  const isMirror = /^https?:/i.test(text);
  const must = isMirror
    ? `ws://HOST:PORT or wss://HOST:PORT; a mirror is given without ${called}`
    : "ws://HOST:PORT or wss://HOST:PORT";
  throw wrongValue(called, printableUrl(text), must);
}

/** Reads an address at which a file can be had. */
export function anAddressOfFile(text: string, called: string): string {
  if (URL.canParse(text) && /^(?:https?|wss?):\/\//i.test(text)) return text;
  throw wrongValue(called, printableUrl(text), "a ws://, wss://, http:// or https:// URL");
}

/** Reads an origin of web pages. */
export function anOrigin(text: string, called: string): string {
  if (isOrigin(text)) return text;
  throw wrongValue(called, text, originKinds);
}

/** Reads a checksum. */
export function aChecksum(text: string, called: string): string {
  const path = pathOfList(text, called);
  if (path === undefined || existsSync(path)) return text;
  // What has none of the other forms is taken for a path.
  const what = `${called} is ${JSON.stringify(text)}, and there is no file of that name`;
  throw new UsageError(
    `${what}; it must be a digest such as sha-256=HEX, an SRI string such as sha256-BASE64, or the path or address of a list such as SHA256SUMS`,
  );
}

/** A checksum as whoever works in another folder is to take it. */
export function checksumFromHere(text: string): string {
  return pathOfList(text, "checksum") ?? text;
}

/** The whole path of the list that a checksum names, if it does. */
function pathOfList(text: string, called: string): string | undefined {
  const checksum = usage(() => parseChecksum(text), { checksum: called });
  return "list" in checksum && !/^https?:/i.test(text) ? resolve(text) : undefined;
}

function canParsePlace(text: string): boolean {
  try {
    parsePlace(text);
    return true;
  } catch {
    // The caller says what would be right.
    return false;
  }
}
