import { createHash } from "node:crypto";
import { chunkSizeFor } from "../../../src/manifest/chunkSize.js";
import type { Content } from "./content.js";

export interface MetalinkShape {
  /** Digests of the pieces. @default "sha-256" */
  readonly pieces?: "sha-1" | "sha-256" | "none";
  /** Bytes. @default chunkSizeFor(size) */
  readonly pieceLength?: number;
}

/** As MirrorBrain writes them for openSUSE and others. */
export const mirrorBrain: MetalinkShape = { pieces: "sha-1", pieceLength: 256 * 1024 };

/** A Metalink 4 document as any tool might have written it, with a digest of each piece unless told otherwise, and the SHA-256 of the whole. */
export function metalinkOf(
  content: Content,
  name: string,
  urls: readonly string[],
  { pieces = "sha-256", pieceLength = chunkSizeFor(content.size) }: MetalinkShape = {},
): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    `  <file name="${name}">`,
    `    <size>${content.size}</size>`,
    `    <hash type="sha-256">${sha256(content)}</hash>`,
    ...(pieces === "none" ? [] : piecesOf(content, pieces, pieceLength)),
    ...urls.map((url, index) => `    <url priority="${index + 1}">${url}</url>`),
    "  </file>",
    "</metalink>",
    "",
  ].join("\n");
}

function piecesOf(content: Content, type: "sha-1" | "sha-256", length: number): readonly string[] {
  const hashes = cut(content, length).map((bytes) => createHash(type.replace("-", "")).update(bytes).digest("hex"));
  return [
    `    <pieces length="${length}" type="${type}">`,
    ...hashes.map((hash) => `      <hash>${hash}</hash>`),
    "    </pieces>",
  ];
}

const sha256 = (content: Content): string =>
  cut(content, 1024 * 1024)
    .reduce((hash, bytes) => hash.update(bytes), createHash("sha256"))
    .digest("hex");

function cut(content: Content, length: number): readonly Buffer[] {
  const count = Math.ceil(content.size / length);
  return Array.from({ length: count }, (_, index) =>
    content.read(index * length, Math.min(length, content.size - index * length)),
  );
}
