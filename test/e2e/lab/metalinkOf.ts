import { createHash } from "node:crypto";
import { chunkSizeFor } from "../../../src/manifest/chunkSize.js";
import type { Content } from "./content.js";

/** A Metalink 4 document as any tool might have written it, with a digest of each piece and of the whole. */
export function metalinkOf(content: Content, name: string, urls: readonly string[]): string {
  const { size } = content;
  const pieceLength = chunkSizeFor(size);
  const starts = Array.from({ length: Math.ceil(size / pieceLength) }, (_, index) => index * pieceLength);
  const whole = createHash("sha256");
  const hashes = starts.map((at) => {
    const bytes = content.read(at, Math.min(pieceLength, size - at));
    whole.update(bytes);
    return `      <hash>${createHash("sha256").update(bytes).digest("hex")}</hash>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    `  <file name="${name}">`,
    `    <size>${size}</size>`,
    `    <hash type="sha-256">${whole.digest("hex")}</hash>`,
    `    <pieces length="${pieceLength}" type="sha-256">`,
    ...hashes,
    "    </pieces>",
    ...urls.map((url, index) => `    <url priority="${index + 1}">${url}</url>`),
    "  </file>",
    "</metalink>",
    "",
  ].join("\n");
}
