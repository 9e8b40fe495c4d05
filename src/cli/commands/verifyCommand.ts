import { Command } from "commander";
import { addArgument } from "../options/addArgument.js";
import { addOptions, type OptionRow } from "../options/OptionRow.js";
import { aNumber, someBytes } from "../options/takeNumber.js";
import { aFile, someText } from "../options/takeText.js";
import type { VerifyFlags } from "../verify.js";

const rows: readonly OptionRow[] = [
  {
    flags: "--select <name>",
    description: "which file of the manifest: its name, or its place from 1 (the one named as FILE)",
    read: someText("the name of a file in the manifest, or its place from 1"),
  },
  {
    flags: "--max-metalink-bytes <n>",
    description: "bytes that the manifest may have (4194304)",
    read: aNumber(someBytes),
  },
  { flags: "-q, --quiet", description: "say nothing when it matches" },
];

export function verifyCommand(): Command {
  const command = new Command("verify").description(
    "compare a file with its manifest: size, chunks and the hash of the whole",
  );
  addArgument(command, "<file>", "file to hash", aFile);
  addArgument(command, "<meta4>", "its manifest: a .meta4 file, or its URL", someText("a .meta4 file, or its URL"));
  return addOptions(command, rows).action(async (file: string, manifest: string, flags: VerifyFlags) => {
    const { verify } = await import("../local.js");
    await verify(file, manifest, flags);
  });
}
