import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { parsePeerLink } from "../protocol/PeerLink.js";
import type { Address } from "../protocol/Address.js";
import { printableUrl } from "../errors/printableUrl.js";

/** A place that a file can be had from: an address or other words, or a file of a metalink that was read already. */
export type Source = Address | MetalinkFile;

/** A source whose address, if it is one, is text. */
export type TextSource = string | MetalinkFile;

export function sourceText(source: Source): TextSource {
  return source instanceof URL ? source.href : source;
}

/** The file that was asked for, as far as the words alone tell. */
export interface Sources {
  /** Named by a link or alone; absent when only a metalink or nobody knows it. */
  readonly root: string | undefined;
  /** Path or URL of a `.meta4` file, or a file out of one. */
  readonly metalink: TextSource | undefined;
  /** Places that serve it, each as `ws://host:port` with the path in front of the root. */
  readonly places: readonly string[];
  /** The file's own `http://` or `https://` URLs. URLs may hold a user name and password: see `printableUrl`. */
  readonly mirrors: readonly string[];
}

const rootPattern = /^[0-9a-f]{64}$/i;

/**
 * Sorts what a user gave, all of it for one file: `ws://host:port/ROOT` links, bare `ws://host:port` places, one ROOT,
 * `http(s)` URLs, one `.meta4` by its path or URL.
 *
 * @throws TypeError that names the source and what is wrong with it.
 */
export function parseSources(given: readonly Source[]): Sources {
  const roots = new Set<string>();
  const metalinks = new Set<TextSource>();
  const places = new Set<string>();
  const mirrors = new Set<string>();
  for (const source of given.map(sourceText)) {
    if (typeof source !== "string") metalinks.add(fileOf(source));
    else if (isMetalink(source)) metalinks.add(isHttp(source) ? parseMirror(source) : source);
    else if (rootPattern.test(source)) roots.add(source.toLowerCase());
    else if (/^wss?:/i.test(source)) {
      const { place, root } = parsePlace(source);
      places.add(place);
      if (root !== undefined) roots.add(root);
    } else if (isHttp(source)) mirrors.add(parseMirror(source));
    else throw new TypeError(`${quoted(source)} is no source; ${digitsOf(source)}it must be ${kinds}`);
  }
  const [root, otherRoot] = roots;
  const [metalink, otherMetalink] = metalinks;
  if (otherRoot !== undefined) throw new TypeError(`the sources name two files: ${root ?? ""} and ${otherRoot}`);
  if (otherMetalink !== undefined) {
    throw new TypeError(`two manifests were given: ${[...metalinks].map(titleOf).join(" and ")}`);
  }
  const sources = { root, metalink, places: [...places], mirrors: [...mirrors] };
  checkNamed(sources);
  return sources;
}

/** A file out of a metalink; from JavaScript it may be anything. */
function fileOf(source: unknown): MetalinkFile {
  const { name } = (source ?? {}) as Partial<MetalinkFile>;
  if (typeof name === "string") return source as MetalinkFile;
  throw new TypeError(`${JSON.stringify(source)} is no source; it must be ${kinds}`);
}

/** A link's parts. A last part of the path that looks like an attempt at a root is refused, not taken as a folder. */
export function parsePlace(text: string): { readonly place: string; readonly root?: string } {
  const last = text.slice(text.lastIndexOf("/") + 1);
  if (rootPattern.test(last)) {
    const { id, root } = parsePeerLink(text);
    return { place: id, root };
  }
  if (/^wss?:\/\/[^/]+\/[^/]+$/i.test(text)) parsePeerLink(text);
  const anyRoot = "0".repeat(64);
  return { place: parsePeerLink(`${withoutEnd(text, "/")}/${anyRoot}`).id };
}

function withoutEnd(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === char) end -= 1;
  return text.slice(0, end);
}

/** The name of a metalink in messages. */
export function titleOf(metalink: TextSource): string {
  return typeof metalink === "string" ? printableUrl(metalink) : JSON.stringify(metalink.name);
}

/** A fragment is not part of what is asked for. */
function parseMirror(text: string): string {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) {
    throw new TypeError(`${quoted(text)} is no URL; expected http://host/path or https://host/path`);
  }
  const url = new URL(text);
  url.hash = "";
  return url.href;
}

function checkNamed({ root, metalink, places, mirrors }: Sources): void {
  if (root !== undefined || metalink !== undefined) return;
  const [place] = places;
  if (place !== undefined) {
    throw new TypeError(`${place} may have many files, and no source says which; give its link, ${place}/ROOT`);
  }
  if (mirrors.length === 0) throw new TypeError(`the sources name no file; give ${kinds}`);
}

/** True when a source is the path or the URL of a Metalink document, which its last letters tell. */
export function isMetalink(source: string): boolean {
  if (isHttp(source)) return URL.canParse(source) && isMetalinkName(new URL(source).pathname);
  return isMetalinkName(source) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(source);
}

const isMetalinkName = (path: string): boolean => /\.(meta4|metalink)$/i.test(path);
const isHttp = (source: string): boolean => /^https?:/i.test(source);

/** Words for how many digits a text has that is probably meant as a root. */
const digitsOf = (text: string): string =>
  /^[0-9a-f]{32,}$/i.test(text) ? `it has ${text.length} hex digits, and a root has 64; ` : "";

const kinds =
  "a ws:// or wss:// link, an http:// or https:// URL, a .meta4 file, or a root (64 hex digits) with the peers that have it";

function quoted(text: string): string {
  const shown = printableUrl(text);
  return JSON.stringify(shown.length > 120 ? `${shown.slice(0, 120)}…` : shown);
}
