import { parse } from "content-disposition";
import type { HttpAnswer } from "./HttpAnswer.js";

/**
 * The server's name for its file: from Content-Disposition, else the last part of the path, or nothing. A stranger's word, with
 * whatever characters, and to be checked before a file gets it.
 */
export function suggestedName({ headers, url }: HttpAnswer): string | undefined {
  const given = parse(asUtf8(headers["content-disposition"] ?? "")).parameters["filename"];
  return given || lastPart(new URL(url).pathname) || undefined;
}

/** Headers are bytes, and come as Latin-1; what is UTF-8 is meant as such. */
function asUtf8(text: string): string {
  // A text with larger characters was read as UTF-8 already.
  if (/[^\0-\xff]/.test(text)) return text;
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

function lastPart(path: string): string {
  const part = path.slice(path.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
