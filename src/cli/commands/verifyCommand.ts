import { Command } from "commander";
import type { VerifyFlags } from "../verify.js";

export function verifyCommand(): Command {
  return new Command("verify")
    .description("compare a file with its manifest: size, chunks and the hash of the whole")
    .argument("<file>")
    .argument("<manifest>", "a .meta4 file, or its URL")
    .option("--select <name>", "which file of the manifest: its name, or its place from 1 (the one named as FILE)")
    .option("--max-metalink-bytes <n>", "bytes that the manifest may have (4194304)")
    .option("-q, --quiet", "say nothing when it matches")
    .action(async (file: string, manifest: string, flags: VerifyFlags) => {
      const { verify } = await import("../local.js");
      await verify(file, manifest, flags);
    });
}
