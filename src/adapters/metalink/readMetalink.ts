import { DownloadError } from "../../errors/DownloadError.js";
import { checkCut, type ManifestLimits } from "../../manifest/checkManifest.js";
import { chunkCount, digestLength } from "../../manifest/chunks.js";
import type { Sha256 } from "../../manifest/Hasher.js";
import { fromHex, toHex } from "../../manifest/hex.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { manifestRoot } from "../../manifest/root.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";
import type { FileElement } from "./metalinkSchema.js";
import { type DocumentLimits, parseMetalink } from "./parseMetalink.js";
import { refuse } from "./refuse.js";

export interface MetalinkLimits extends ManifestLimits, DocumentLimits {}

/**
 * Reads a Metalink 4 document (RFC 5854): its files in their order, at least one, no two of a name. A root is computed, never
 * read. Of hashes SHA-256 is read, of addresses those of schemes that we speak; others are passed over. A file without SHA-256
 * piece hashes must have a size or an address. Names are left as they are: see `safeFileName`.
 *
 * @throws DownloadError `INVALID_MANIFEST`, which says what the document lacks or where it contradicts itself.
 */
export function readMetalink(xml: string, sha256: Sha256, limits: MetalinkLimits = {}): readonly MetalinkFile[] {
  const elements = parseMetalink(xml, limits);
  const names = new Set<string>();
  return elements.map((element) => {
    const { name } = element;
    if (names.has(name)) refuse(`it names ${shown(name)} twice`);
    names.add(name);
    if (elements.length === 1) return fileIn(element, sha256, limits);
    return ofFile(name, () => fileIn(element, sha256, limits));
  });
}

/** Says which of several files is meant. */
function ofFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new DownloadError(error.code, `${error.message} (file ${shown(name)})`, { cause: error });
  }
}

function fileIn(element: FileElement, sha256: Sha256, limits: MetalinkLimits): MetalinkFile {
  const { name, size } = element;
  const whole = wholeHashIn(element);
  const manifest = manifestIn(element, sha256, limits);
  const urls = urlsIn(element);
  if (size === undefined && urls.length === 0) refuse("it has neither a size nor an address that we speak");
  return {
    name,
    ...(size !== undefined && { size }),
    ...(whole !== undefined && { sha256: whole }),
    ...(manifest !== undefined && { manifest }),
    urls,
  };
}

function wholeHashIn({ hash: hashes }: FileElement): string | undefined {
  const [first, ...others] = hashes.filter(({ type }) => type === "sha-256").map(({ hex }) => hashIn(hex, "hash"));
  const other = others.find((hash) => hash !== first);
  if (other !== undefined) refuse(`it has two hashes of type sha-256, ${first ?? ""} and ${other}`);
  return first;
}

function manifestIn(file: FileElement, sha256: Sha256, limits: MetalinkLimits): Manifest | undefined {
  const pieces = file.pieces.find(({ type }) => type === "sha-256");
  if (pieces === undefined) return undefined;
  if (file.size === undefined) return refuse("it has piece hashes, but no size");
  const cut = { size: file.size, chunkSize: pieces.length };
  checkCut(cut, limits);
  const count = chunkCount(cut);
  if (pieces.hash.length !== count) {
    refuse(
      `it has ${pieces.hash.length} piece hashes, expected ${count} for ${cut.size} bytes in pieces of ${cut.chunkSize}`,
    );
  }
  const digests = new Uint8Array(count * digestLength);
  pieces.hash.forEach((hex, index) => digests.set(digestIn(hex, `piece hash ${index}`), index * digestLength));
  return { root: manifestRoot({ ...cut, digests }, sha256), name: file.name, ...cut, digests };
}

const hashIn = (hex: string, what: string): string => toHex(digestIn(hex, what));

function digestIn(hex: string, what: string): Uint8Array {
  const digest = fromHex(hex);
  if (digest?.length === digestLength) return digest;
  return refuse(`${what} is ${shown(hex)}, expected ${2 * digestLength} hex digits`);
}

/** RFC 5854, section 4.2.16.1: 1 is the best, and no priority is the last. */
function urlsIn({ url: elements }: FileElement): readonly string[] {
  return elements.toSorted((a, b) => (a.priority ?? 999_999) - (b.priority ?? 999_999)).map(({ url }) => url);
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));
