import { Command } from "commander";
import { firstValueFrom } from "rxjs";
import { DownloadError, formatBytes, printable } from "../index.js";
import { verifyFile, type Verification } from "../node.js";

const chunksNamed = 10;

export function verifyCommand(): Command {
  return new Command("verify")
    .description("compare a file with its manifest, chunk by chunk")
    .argument("<file>")
    .argument("<manifest>", "a .meta4 file")
    .option("-q, --quiet", "say nothing when it matches")
    .action(async (file: string, manifest: string, { quiet }: { quiet?: boolean }) => {
      const found = await firstValueFrom(verifyFile(file, manifest));
      if (!found.matches) throw new DownloadError("CHECKSUM_MISMATCH", differenceOf(file, manifest, found));
      const { size, root } = found.manifest;
      if (!quiet) process.stdout.write(`${printable(file)} matches: ${formatBytes(size)}, root ${root}\n`);
    });
}

function differenceOf(file: string, path: string, { badChunks, size, manifest }: Verification): string {
  const parts = [
    ...(size === manifest.size ? [] : [`it has ${size} bytes, expected ${manifest.size}`]),
    ...(badChunks.length === 0 ? [] : [chunksText(badChunks)]),
  ];
  return `${file} is not the file of ${path}: ${parts.join("; ")}`;
}

function chunksText(chunks: readonly number[]): string {
  const named = chunks.slice(0, chunksNamed).join(", ");
  const more = chunks.length > chunksNamed ? ` and ${chunks.length - chunksNamed} more` : "";
  return `${chunks.length === 1 ? "chunk" : "chunks"} ${named}${more} ${chunks.length === 1 ? "differs" : "differ"}`;
}
