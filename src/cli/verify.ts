import { Command } from "commander";
import { firstValueFrom } from "rxjs";
import { DownloadError, formatBytes, printable } from "../index.js";
import { print } from "./output.js";
import { numberIn, takeBytes } from "./options/getOptions.js";
import { verifyFile, type Verification } from "../node.js";

interface Flags {
  readonly quiet?: boolean;
  readonly select?: string;
  readonly maxMetalinkBytes?: string;
}

const chunksNamed = 10;

export function verifyCommand(): Command {
  return new Command("verify")
    .description("compare a file with its manifest: size, chunks and the hash of the whole")
    .argument("<file>")
    .argument("<manifest>", "a .meta4 file, or its URL")
    .option("--select <name>", "which file of the manifest: its name, or its place from 1 (the one named as FILE)")
    .option("--max-metalink-bytes <n>", "bytes that the manifest may have (4194304)")
    .option("-q, --quiet", "say nothing when it matches")
    .action(async (file: string, manifest: string, { quiet, select, maxMetalinkBytes: most }: Flags) => {
      const limit = most === undefined ? undefined : takeBytes("--max-metalink-bytes")(numberIn(most));
      const verification = verifyFile(file, manifest, {
        ...(select !== undefined && { select }),
        ...(limit !== undefined && { maxMetalinkBytes: limit }),
      });
      const found = await firstValueFrom(verification);
      if (!found.matches) throw new DownloadError("CHECKSUM_MISMATCH", differenceOf(file, manifest, found));
      const { size, sha256, expected } = found;
      const proof = expected.manifest === undefined ? `SHA-256 ${sha256}` : `root ${expected.manifest.root}`;
      if (!quiet) await print(`${printable(file)} matches: ${formatBytes(size)}, ${proof}\n`);
    });
}

function differenceOf(file: string, path: string, { badChunks, size, sha256, expected }: Verification): string {
  const parts = [
    ...(size === (expected.size ?? size) ? [] : [`it has ${size} bytes, expected ${expected.size ?? ""}`]),
    ...(badChunks.length === 0 ? [] : [chunksText(badChunks)]),
  ];
  // A wrong chunk says more, and makes the whole wrong anyway.
  if (parts.length === 0) parts.push(`its SHA-256 is ${sha256}, expected ${expected.sha256 ?? ""}`);
  return `${file} is not the file of ${path}: ${parts.join("; ")}`;
}

function chunksText(chunks: readonly number[]): string {
  const named = chunks.slice(0, chunksNamed).join(", ");
  const more = chunks.length > chunksNamed ? ` and ${chunks.length - chunksNamed} more` : "";
  return `${chunks.length === 1 ? "chunk" : "chunks"} ${named}${more} ${chunks.length === 1 ? "differs" : "differ"}`;
}
