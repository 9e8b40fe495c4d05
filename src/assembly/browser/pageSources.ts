import { parseSources, type Source, type Sources, type TextSource } from "../../discovery/parseSources.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";

/** A place that a page can have a file from: as for `downloadFile`, and a Metalink as a `Blob`, such as the `File` of an input. */
export type PageSource = Source | Blob;

/** The sources that a page was given, with the Metalinks that it has at hand. */
export interface PageSources {
  readonly sources: Sources;
  /** The documents at hand, by what stands for them among the sources. */
  readonly atHand: ReadonlyMap<TextSource, Blob>;
}

/** @throws TypeError as `parseSources` does, and for a path, which no page can read. */
export function parsePageSources(given: readonly PageSource[]): PageSources {
  const atHand = new Map<TextSource, Blob>();
  const named = given.map((source): Source => {
    if (!(source instanceof Blob)) return source;
    const name = source instanceof File ? source.name : "a Metalink";
    const standIn: MetalinkFile = { name, urls: [] };
    atHand.set(standIn, source);
    return standIn;
  });
  const sources = parseSources(named);
  if (typeof sources.metalink === "string") checkAddress(sources.metalink, "a Metalink");
  return { sources, atHand };
}

/** @throws TypeError for a path. */
export function checkAddress(address: string, what: string): void {
  if (/^https?:/i.test(address)) return;
  throw new TypeError(`a page cannot read the path ${address}; give the address of ${what}, or a Metalink as a Blob`);
}
