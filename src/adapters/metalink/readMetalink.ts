import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";
import { DownloadError } from "../../errors/DownloadError.js";
import { checkCut, type ManifestLimits } from "../../manifest/checkManifest.js";
import { chunkCount, digestLength } from "../../manifest/chunks.js";
import type { Sha256 } from "../../manifest/Hasher.js";
import { fromHex } from "../../manifest/hex.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { manifestRoot } from "../../manifest/root.js";
import { fileSchema, isSpoken, type MetalinkFile, metalinkNamespace } from "./metalinkSchema.js";

/** A manifest and where its file may be had, the best place first. */
export interface Metalink {
  readonly manifest: Manifest;
  readonly urls: readonly string[];
}

export interface MetalinkLimits extends ManifestLimits {
  /** Length of the document in characters. @default 33554432 */
  readonly maxLength?: number;
}

const maxLengthByDefault = 32 * 1024 * 1024;
const listed = new Set(["file", "pieces", "hash", "url"]);

/**
 * Reads a Metalink 4 document (RFC 5854) that speaks of one file and has SHA-256 piece hashes. The root is computed, never
 * read. Addresses of schemes that we do not speak are left out. The name is left as it is: see `safeFileName`.
 *
 * @throws DownloadError `INVALID_MANIFEST`, which says what the document lacks or where it contradicts itself.
 */
export function readMetalink(xml: string, sha256: Sha256, limits: MetalinkLimits = {}): Metalink {
  const file = onlyFile(parse(xml, limits));
  const manifest = manifestIn(file, sha256, limits);
  return { manifest, urls: urlsIn(file) };
}

function parse(xml: string, { maxLength = maxLengthByDefault }: MetalinkLimits): unknown {
  if (xml.length > maxLength) refuse(`it has ${xml.length} characters, expected at most ${maxLength}`);
  // Entities of its own could make a small document grow without end, or fetch files of ours.
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) refuse("it has a document type or entities of its own, expected none");
  // The parser closes what is open at the end, so a document that was cut off would pass with half an address.
  if (!/<\/([\w.-]+:)?metalink\s*>\s*(<!--(?:(?!-->)[^])*-->\s*)*$/.test(xml))
    refuse("it does not end with </metalink>");
  try {
    return parser().parse(xml);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function parser(): XMLParser {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    // Without it numeric character references stay as they are.
    htmlEntities: true,
    isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && listed.has(name),
  });
}

function onlyFile(document: unknown): MetalinkFile {
  const metalink = v.safeParse(v.object({ metalink: v.looseObject({}) }), document);
  if (!metalink.success) refuse("it has no metalink element with content");
  const { file: files, files: oldFiles } = metalink.output.metalink as { file?: unknown; files?: unknown };
  if (oldFiles !== undefined) refuse(`it is a Metalink 3, expected Metalink 4 (${metalinkNamespace})`);
  if (!Array.isArray(files)) refuse("it names no file");
  if (files.length > 1)
    refuse(`it names ${files.length} files, expected one: documents of several files are not read yet`);
  const parsed = v.safeParse(fileSchema, files[0]);
  if (parsed.success) return parsed.output;
  const { message, path } = parsed.issues[0];
  return refuse(`its file element, ${path?.map(({ key }) => String(key)).join(".") ?? "whole"}: ${message}`);
}

function manifestIn(file: MetalinkFile, sha256: Sha256, limits: MetalinkLimits): Manifest {
  const name = file["@name"];
  const pieces = file.pieces.find((candidate) => candidate?.["@type"] === "sha-256");
  if (pieces === undefined) {
    const others = file.pieces.map((other) => other?.["@type"] ?? "none").join(", ");
    return refuse(`it has no piece hashes of type sha-256${others === "" ? "" : `, only of ${others}`}`);
  }
  const cut = { size: file.size, chunkSize: pieces["@length"] };
  checkCut(cut, limits);
  const count = chunkCount(cut);
  if (pieces.hash.length !== count) {
    refuse(
      `it has ${pieces.hash.length} piece hashes, expected ${count} for ${cut.size} bytes in pieces of ${cut.chunkSize}`,
    );
  }
  const digests = new Uint8Array(count * digestLength);
  pieces.hash.forEach((hex, index) => digests.set(digestIn(hex, index), index * digestLength));
  return { root: manifestRoot({ ...cut, digests }, sha256), name, ...cut, digests };
}

function digestIn(hex: string, index: number): Uint8Array {
  const digest = fromHex(hex);
  if (digest?.length === digestLength) return digest;
  return refuse(`piece hash ${index} is ${JSON.stringify(hex.slice(0, 80))}, expected ${2 * digestLength} hex digits`);
}

/** RFC 5854, section 4.2.16.1: 1 is the best, and no priority is the last. */
function urlsIn({ url: urls }: MetalinkFile): readonly string[] {
  return urls
    .toSorted((a, b) => (a.priority ?? 999_999) - (b.priority ?? 999_999))
    .map(({ url }) => url)
    .filter(isSpoken);
}

function refuse(reason: string): never {
  throw new DownloadError("INVALID_MANIFEST", `the metalink is refused: ${reason}`);
}
