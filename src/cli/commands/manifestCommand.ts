import { Command } from "commander";
import type { ManifestFlags } from "../manifest.js";
import { addArgument } from "../options/addArgument.js";
import { needs } from "../options/needs.js";
import { addOptions, type OptionRow } from "../options/OptionRow.js";
import { aNumber, wholeFrom } from "../options/takeNumber.js";
import { anAddressOfFile } from "../options/takeSources.js";
import { aFile, aFileName } from "../options/takeText.js";

/** A larger chunk would be refused by whoever reads the manifest. */
const mostBytes = 64 * 1024 * 1024;

const rows: readonly OptionRow[] = [
  { flags: "-o, --out <file>", description: "write it to a file instead", read: aFileName },
  {
    flags: "--overwrite",
    description: "replace that file",
    needs: [needs("out", "--out", "is of a file that is written")],
  },
  {
    flags: "--chunk-size <bytes>",
    description: "bytes a chunk (256 KiB, more for large files)",
    read: aNumber(wholeFrom(1, mostBytes, `a whole number of bytes from 1 to ${mostBytes}`)),
  },
  {
    flags: "--url <url>",
    description: "where the file can be had; may be repeated",
    read: anAddressOfFile,
    repeats: true,
  },
];

export function manifestCommand(): Command {
  const command = new Command("manifest").description(
    "write the manifest of a file, as Metalink 4, to stdout; its root goes to stderr",
  );
  addArgument(command, "<file>", "file to hash", aFile);
  return addOptions(command, rows).action(async (file: string, flags: ManifestFlags) => {
    const { manifest } = await import("../local.js");
    await manifest(file, flags);
  });
}
