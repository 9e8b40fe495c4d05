import { Command } from "commander";
import type { ManifestFlags } from "../manifest.js";
import { collect } from "../options/collect.js";

export function manifestCommand(): Command {
  return new Command("manifest")
    .description("write the manifest of a file, as Metalink 4, to stdout; its root goes to stderr")
    .argument("<file>")
    .option("-o, --out <file>", "write it to a file instead")
    .option("--overwrite", "replace that file")
    .option("--chunk-size <bytes>", "bytes a chunk (256 KiB, more for large files)")
    .option("--url <url>", "where the file can be had; may be repeated", collect)
    .action(async (file: string, flags: ManifestFlags) => {
      const { manifest } = await import("../local.js");
      await manifest(file, flags);
    });
}
