import { finalize, firstValueFrom } from "rxjs";
import { formatBytes, hashName, printable } from "../command.js";
import { chunkCount, DownloadError } from "../index.js";
import { hashingLine } from "./show/hashingLine.js";
import { print } from "./output.js";
import { someBytes, typedNumber } from "./options/takeNumber.js";
import { verifyFile, type Verification } from "../node.js";

export interface VerifyFlags {
  readonly quiet?: boolean;
  readonly select?: string;
  readonly maxMetalinkBytes?: string;
}

const chunksNamed = 10;

/** Runs `tributary verify`. */
export async function verify(file: string, manifest: string, flags: VerifyFlags): Promise<void> {
  const { quiet, select, maxMetalinkBytes: most } = flags;
  const limit = typedNumber(most, "--max-metalink-bytes", someBytes);
  const progress = hashingLine(file, quiet);
  const verification = verifyFile(file, manifest, {
    ...(select !== undefined && { select }),
    ...(limit !== undefined && { maxMetalinkBytes: limit }),
    onHashed: progress.tell,
  });
  const found = await firstValueFrom(verification.pipe(finalize(progress.end)));
  if (!found.matches) throw new DownloadError("CHECKSUM_MISMATCH", differenceOf(file, manifest, found));
  const { size, expected } = found;
  const proof = expected.manifest === undefined ? checkedBy(found) : `root ${expected.manifest.root}`;
  if (!quiet) await print(`${printable(file)} matches: ${formatBytes(size)}, ${proof}\n`);
}

function checkedBy({ expected: { pieces, hash }, integrity }: Verification): string {
  const parts = [
    ...(pieces === undefined ? [] : [`${hashName(pieces.digestType)} of ${chunkCount(pieces)} pieces`]),
    ...(hash === undefined ? [] : [`${hashName(hash.type)} ${hash.hex}`]),
  ];
  return `${parts.join(", ")}${integrity === "weak" ? ", which could be forged" : ""}`;
}

function differenceOf(file: string, path: string, { badChunks, size, hash, expected }: Verification): string {
  const parts = [
    ...(size === (expected.size ?? size) ? [] : [`it has ${size} bytes, expected ${expected.size ?? ""}`]),
    ...(badChunks.length === 0 ? [] : [chunksText(badChunks)]),
  ];
  // A wrong chunk says more, and makes the whole wrong anyway.
  if (parts.length === 0) parts.push(`its ${hashName(hash.type)} is ${hash.hex}, expected ${expected.hash?.hex ?? ""}`);
  return `${file} is not the file of ${path}: ${parts.join("; ")}`;
}

function chunksText(chunks: readonly number[]): string {
  const named = chunks.slice(0, chunksNamed).join(", ");
  const more = chunks.length > chunksNamed ? ` and ${chunks.length - chunksNamed} more` : "";
  return `${chunks.length === 1 ? "chunk" : "chunks"} ${named}${more} ${chunks.length === 1 ? "differs" : "differ"}`;
}
