import { catchError, finalize, firstValueFrom, map, of } from "rxjs";
import { formatBytes, hashName, printable } from "../command.js";
import { chunkCount, DownloadError } from "../index.js";
import { hashingLine } from "./show/hashingLine.js";
import { print } from "./output.js";
import { UsageError, usageLater } from "./UsageError.js";
import { quoted } from "./resumeCommand.js";
import { metalinkFiles, verifyFile, type Verification } from "../node.js";

export interface VerifyFlags {
  readonly quiet?: boolean;
  readonly select?: string;
  readonly maxMetalinkBytes?: number;
}

const chunksNamed = 10;

/** Runs `tributary verify`. */
export async function verify(file: string, manifest: string, flags: VerifyFlags): Promise<void> {
  const { quiet, select, maxMetalinkBytes: limit } = flags;
  const progress = hashingLine(file, quiet);
  const verification = verifyFile(file, manifest, {
    ...(select !== undefined && { select }),
    ...(limit !== undefined && { maxMetalinkBytes: limit }),
    onHashed: progress.tell,
  });
  const verified = firstValueFrom(verification.pipe(finalize(progress.end)));
  const found = await usageLater(verified, { select: "--select" }).catch(async (error: unknown) => {
    if (isNoManifest(error) && (await isManifest(file))) throw new UsageError(swapped(file, manifest));
    throw error;
  });
  if (!found.matches) throw new DownloadError("CHECKSUM_MISMATCH", differenceOf(file, manifest, found));
  const { size, expected } = found;
  const proof = expected.manifest === undefined ? checkedBy(found) : `root ${expected.manifest.root}`;
  if (!quiet) await print(`${printable(file)} matches: ${formatBytes(size)}, ${proof}\n`);
}

function isNoManifest(error: unknown): boolean {
  return error instanceof DownloadError && error.code === "INVALID_MANIFEST";
}

/** True for a file that is a manifest itself, as where the arguments were swapped. */
async function isManifest(path: string): Promise<boolean> {
  const files = metalinkFiles(path).pipe(
    map(({ length }) => length > 0),
    // What is wrong with the manifest is told already.
    catchError(() => of(false)),
  );
  return firstValueFrom(files, { defaultValue: false });
}

function swapped(file: string, manifest: string): string {
  const right = `tributary verify ${quoted(manifest)} ${quoted(file)}`;
  return `${manifest} is no manifest, and ${file} is one: the file comes first, then its manifest: ${right}`;
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
