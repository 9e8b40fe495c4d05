import { DownloadError } from "../../errors/DownloadError.js";
import { joinDigests } from "../../manifest/buildManifest.js";
import { checkCut, type ManifestLimits } from "../../manifest/checkManifest.js";
import { chunkCount, digestLength } from "../../manifest/chunks.js";
import type { Sha256 } from "../../manifest/Hasher.js";
import { digestFromHex } from "../../manifest/Digest.js";
import { bestOf, hashTypeOf } from "../../manifest/HashType.js";
import type { Manifest, Pieces } from "../../manifest/Manifest.js";
import { manifestRoot, piecesRoot } from "../../manifest/root.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";
import { type FileElement, wholeNumberIn } from "./metalinkSchema.js";
import { type DocumentLimits, parseMetalink } from "./parseMetalink.js";
import { refuse } from "./refuse.js";

export interface MetalinkLimits extends ManifestLimits, DocumentLimits {}

/**
 * Reads a Metalink document, of version 4 (RFC 5854) or 3: its files in their order, at least one, no two of a name. A root is computed, never
 * read. Of hashes those of `hashTypes` are read, of addresses those of schemes that we speak; others are passed over. A SHA-256 has to be right; a
 * weaker hash, a size or a priority that is none is as if it was not there. Names are left as they are: see `safeFilePath`.
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
  const { name } = element;
  const size = wholeNumberIn(element.size);
  const hash = wholeHashIn(element);
  const manifest = manifestIn(element, sha256, limits);
  const pieces = manifest === undefined ? piecesIn(element, sha256, limits) : undefined;
  return {
    name,
    ...(size !== undefined && { size }),
    ...(hash !== undefined && { hash }),
    ...(manifest !== undefined && { manifest }),
    ...(pieces !== undefined && { pieces }),
    urls: urlsIn(element),
  };
}

function wholeHashIn({ hash: hashes }: FileElement): MetalinkFile["hash"] {
  const typed = hashes.flatMap(({ type = "", hex }) => {
    const known = hashTypeOf(type);
    return known === undefined ? [] : [{ type: known, hex: hex.toLowerCase() }];
  });
  const proofs = typed.filter(({ type }) => type === "sha-256");
  proofs.forEach(({ hex }) => digestIn(hex, "hash"));
  const [first] = proofs;
  const other = proofs.find(({ hex }) => hex !== first?.hex);
  if (other !== undefined) refuse(`it has two hashes of type sha-256, ${first?.hex ?? ""} and ${other.hex}`);
  return bestOf(typed.filter(({ type, hex }) => digestFromHex(type, hex) !== undefined));
}

function manifestIn(file: FileElement, sha256: Sha256, limits: MetalinkLimits): Manifest | undefined {
  const pieces = file.pieces.find(({ type }) => hashTypeOf(type) === "sha-256");
  if (pieces === undefined) return undefined;
  const size = wholeNumberIn(file.size);
  if (size === undefined) {
    return refuse(
      `it has piece hashes, but ${file.size === undefined ? "no size" : `its size is ${shown(file.size)}, expected a whole number`}`,
    );
  }
  const cut = { size, chunkSize: pieces.length };
  checkCut(cut, limits);
  const count = chunkCount(cut);
  const hashes = inOrder(pieces.hash);
  if (hashes.length !== count) {
    refuse(
      `it has ${hashes.length} piece hashes, expected ${count} for ${cut.size} bytes in pieces of ${cut.chunkSize}`,
    );
  }
  const digests = joinDigests(hashes.map((hex, index) => digestIn(hex, `piece hash ${index}`)));
  return { root: manifestRoot({ ...cut, digests }, sha256), name: file.name, ...cut, digests };
}

/** The best of the other piece hashes that fit the file. */
function piecesIn(file: FileElement, sha256: Sha256, limits: MetalinkLimits): Pieces | undefined {
  const size = wholeNumberIn(file.size);
  if (size === undefined) return undefined;
  const fitting = file.pieces.flatMap(({ type: name, length: chunkSize, hash }) => {
    const type = hashTypeOf(name);
    const hashes = inOrder(hash);
    if (type === undefined || !isCut({ size, chunkSize }, limits)) return [];
    const digests = hashes.flatMap((hex) => digestFromHex(type, hex)?.bytes ?? []);
    const isWhole = digests.length === hashes.length && digests.length === chunkCount({ size, chunkSize });
    return isWhole ? [{ type, chunkSize, digests: joinDigests(digests) }] : [];
  });
  const best = bestOf(fitting);
  if (best === undefined) return undefined;
  const { type: digestType, ...cut } = best;
  const facts = { size, ...cut, digestType };
  return { root: piecesRoot(facts, sha256), name: file.name, ...facts };
}

function isCut(cut: Pick<Manifest, "size" | "chunkSize">, limits: MetalinkLimits): boolean {
  try {
    checkCut(cut, limits);
    return true;
  } catch {
    // Pieces too many or too large for us are as if there were none.
    return false;
  }
}

/** By their numbers, where there are any; else as they stand. */
function inOrder(hashes: FileElement["pieces"][number]["hash"]): readonly string[] {
  const numbered = hashes.filter(({ piece }) => piece !== undefined);
  const all = numbered.length > 0 ? numbered.toSorted((a, b) => (a.piece ?? 0) - (b.piece ?? 0)) : hashes;
  return all.map(({ hex }) => hex);
}

function digestIn(hex: string, what: string): Uint8Array {
  const digest = digestFromHex("sha-256", hex);
  if (digest !== undefined) return digest.bytes;
  return refuse(`${what} is ${shown(hex)}, expected ${2 * digestLength} hex digits`);
}

/** RFC 5854, section 4.2.16.1: 1 is the best, and no priority is the last. Preferences of Metalink 3 go from 100, the best, down to 0. */
function urlsIn({ url: elements }: FileElement): readonly string[] {
  const rank = ({ priority, preference }: FileElement["url"][number]): number =>
    priority ?? (preference === undefined ? 999_999 : 101 - preference);
  const ofFile = elements.filter(({ type = "" }) => !/torrent$/i.test(type));
  return ofFile.toSorted((a, b) => rank(a) - rank(b)).map(({ url }) => url);
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));
