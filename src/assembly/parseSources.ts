import { parsePeerLink } from "../adapters/websocket/PeerLink.js";

/** What was asked for, as far as the words alone tell. */
export interface Sources {
  /** Named by a link or alone; absent when only a metalink knows it. */
  readonly root: string | undefined;
  /** Path of a `.meta4` file. */
  readonly metalink: string | undefined;
  /** Places that serve it, each as `ws://host:port` with the path in front of the root. */
  readonly places: readonly string[];
}

const rootPattern = /^[0-9a-f]{64}$/i;

/**
 * Sorts what a user gave: `ws://host:port/ROOT` links, bare `ws://host:port` places, one ROOT, one `.meta4` path.
 *
 * @throws TypeError that names the source and what is wrong with it.
 */
export function parseSources(given: readonly string[]): Sources {
  const roots = new Set<string>();
  const metalinks = new Set<string>();
  const places = new Set<string>();
  for (const source of given) {
    if (rootPattern.test(source)) roots.add(source.toLowerCase());
    else if (/^wss?:/i.test(source)) {
      const { place, root } = parsePlace(source);
      places.add(place);
      if (root !== undefined) roots.add(root);
    } else if (/\.(meta4|metalink)$/i.test(source) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) metalinks.add(source);
    else throw new TypeError(`${quoted(source)} is no source; it must be ${kinds}`);
  }
  const [root, otherRoot] = roots;
  const [metalink, otherMetalink] = metalinks;
  if (otherRoot !== undefined) throw new TypeError(`the sources name two files: ${root ?? ""} and ${otherRoot}`);
  if (otherMetalink !== undefined) throw new TypeError(`two manifests were given: ${[...metalinks].join(" and ")}`);
  if (root === undefined && metalink === undefined) throw new TypeError(`the sources name no file; give ${kinds}`);
  return { root, metalink, places: [...places] };
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
  return { place: parsePeerLink(`${text.replace(/\/+$/, "")}/${anyRoot}`).id };
}

const kinds = "a ws:// or wss:// link, a .meta4 file, or a root (64 hex digits) with the peers that have it";

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
