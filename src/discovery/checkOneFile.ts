import { DownloadError } from "../errors/DownloadError.js";
import type { AnsweredMirror } from "./Mirror.js";

/**
 * Refuses addresses of two files, which somebody wants to have both. Where as many mirrors have one file as another and no majority can decide, their
 * names do: mirrors of one file call it the same, by the last part of the address or by what the server suggests, so that one of them is stale and
 * the order given counts. Pages and empty answers are in place of a file, and have no say.
 *
 * @param keyOf by what two files differ; nothing where a mirror does not tell
 * @throws DownloadError `DIFFERENT_FILES`, which names both.
 */
export function checkOneFile(
  mirrors: readonly AnsweredMirror[],
  keyOf: (mirror: AnsweredMirror) => string | undefined,
): void {
  const sides = new Map<string, AnsweredMirror[]>();
  for (const mirror of mirrors) {
    const key = isInPlaceOfFile(mirror) ? undefined : keyOf(mirror);
    if (key !== undefined) sides.set(key, [...(sides.get(key) ?? []), mirror]);
  }
  const [most = [], next = []] = [...sides.values()].toSorted((a, b) => b.length - a.length);
  const [one] = most;
  const [other] = next;
  if (one === undefined || other === undefined || most.length > next.length) return;
  if (most.some((a) => next.some((b) => areNamedAlike(a, b)))) return;
  const text = `${titleOf(one)} and ${titleOf(other)} are two files, and the sources of one download are mirrors of one: fetch each by itself`;
  throw new DownloadError("DIFFERENT_FILES", text);
}

/** True when the answer is no file, but a page or nothing, as what stands in place of one. */
export function isInPlaceOfFile({ mirror, said: { size, type } }: AnsweredMirror): boolean {
  return size === 0 || (type === "text/html" && !/\.x?html?$/i.test(new URL(mirror.id).pathname));
}

/** True when two addresses call their file the same. */
export function haveOneName(a: string, b: string): boolean {
  return lastPart(a) === lastPart(b);
}

function areNamedAlike(a: AnsweredMirror, b: AnsweredMirror): boolean {
  return haveOneName(a.mirror.id, b.mirror.id) || (a.said.name !== undefined && a.said.name === b.said.name);
}

function lastPart(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname.slice(pathname.lastIndexOf("/") + 1) + search;
}

function titleOf({ mirror: { id }, said: { size } }: AnsweredMirror): string {
  return size === undefined ? id : `${id} (${size} bytes)`;
}
