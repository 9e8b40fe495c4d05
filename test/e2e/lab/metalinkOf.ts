import { createHash } from "node:crypto";
import { chunkSizeFor } from "../../../src/manifest/chunkSize.js";
import type { Content } from "./content.js";

export interface MetalinkShape {
  /** @default "sha-256" */
  readonly pieces?: "sha-1" | "sha-256";
  /** Bytes. @default chunkSizeFor(size) */
  readonly pieceLength?: number;
}

/** As MirrorBrain writes them for openSUSE and others. */
export const mirrorBrain: MetalinkShape = { pieces: "sha-1", pieceLength: 256 * 1024 };

/** A Metalink 4 document as any tool might have written it, with a digest of each piece, and the SHA-256 of the whole. */
export function metalinkOf(
  content: Content,
  name: string,
  urls: readonly string[],
  { pieces = "sha-256", pieceLength = chunkSizeFor(content.size) }: MetalinkShape = {},
): string {
  const { size } = content;
  const starts = Array.from({ length: Math.ceil(size / pieceLength) }, (_, index) => index * pieceLength);
  const whole = createHash("sha256");
  const hashes = starts.map((at) => {
    const bytes = content.read(at, Math.min(pieceLength, size - at));
    whole.update(bytes);
    return `      <hash>${createHash(pieces.replace("-", "")).update(bytes).digest("hex")}</hash>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    `  <file name="${name}">`,
    `    <size>${size}</size>`,
    `    <hash type="sha-256">${whole.digest("hex")}</hash>`,
    `    <pieces length="${pieceLength}" type="${pieces}">`,
    ...hashes,
    "    </pieces>",
    ...urls.map((url, index) => `    <url priority="${index + 1}">${url}</url>`),
    "  </file>",
    "</metalink>",
    "",
  ].join("\n");
}
