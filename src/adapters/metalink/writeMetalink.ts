import { checkShape } from "../../../operators/checkOptions.js";
import { type Address, addressText } from "../../protocol/Address.js";
import { chunkCount, digestOf } from "../../manifest/chunks.js";
import { toHex } from "../../manifest/hex.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { metalinkNamespace } from "./metalinkSchema.js";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * A manifest as a Metalink 4 document (RFC 5854) that aria2 and others read. The addresses are given priorities in their
 * order, the first the best; `sha256`, hex digits, is the hash of the whole file, for readers that know no piece hashes. The
 * manifest's name is written as it is; whoever reads it checks it.
 */
export function writeMetalink(manifest: Manifest, urls: readonly Address[] = [], sha256?: string): string {
  checkShape("urls", urls, { must: "a list of addresses", fits: (value) => Array.isArray(value) });
  const { name, size, chunkSize } = manifest;
  const hashes = Array.from({ length: chunkCount(manifest) }, (_, index) => toHex(digestOf(manifest, index)));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<metalink xmlns="${metalinkNamespace}">`,
    `  <file name="${escaped(name)}">`,
    `    <size>${size}</size>`,
    ...(sha256 === undefined ? [] : [`    <hash type="sha-256">${sha256}</hash>`]),
    `    <pieces length="${chunkSize}" type="sha-256">`,
    ...hashes.map((hash) => `      <hash>${hash}</hash>`),
    "    </pieces>",
    ...urls.map((url, index) => `    <url priority="${index + 1}">${escaped(addressText(url))}</url>`),
    "  </file>",
    "</metalink>",
    "",
  ].join("\n");
}

/** For text and attributes; white space other than blanks would not survive in an attribute as it is. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (char) => escapes[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
