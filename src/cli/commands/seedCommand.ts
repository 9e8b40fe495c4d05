import { Command } from "commander";
import { addArgument } from "../options/addArgument.js";
import { findRows } from "../options/findRows.js";
import { needs } from "../options/needs.js";
import { addOptions, type OptionRow } from "../options/OptionRow.js";
import { parseRate } from "../options/parseRate.js";
import { aCertificateFile, aKeyFile } from "../options/readPem.js";
import { aNumber, aPort } from "../options/takeNumber.js";
import { anOrigin } from "../options/takeSources.js";
import { anAddress, someText } from "../options/takeText.js";
import { seedTokenRows } from "../options/tokens.js";
import type { SeedFlags } from "../seed.js";

const rows: readonly OptionRow[] = [
  { flags: "--host <address>", description: "address to listen on (127.0.0.1)", read: anAddress },
  { flags: "--port <n>", description: "port to listen on (any free one)", read: aNumber(aPort) },
  ...seedTokenRows,
  {
    flags: "--cert <file>",
    description: "certificate for wss://, PEM",
    read: aCertificateFile,
    needs: [needs("key", "--key", "is of no use without its key")],
  },
  {
    flags: "--key <file>",
    description: "its key, PEM",
    read: aKeyFile,
    needs: [needs("cert", "--cert", "is of no use without its certificate")],
  },
  {
    flags: "--allow-origin <origin>",
    description: "origin whose web pages may ask, or * for all; may be repeated (none)",
    read: anOrigin,
    repeats: true,
  },
  {
    flags: "--limit-rate <rate>",
    description: "bytes a second to all clients together, such as 500k or 2M",
    read: parseRate,
  },
  { flags: "--meta4", description: "write FILE.meta4 beside each file; nothing is replaced" },
  { flags: "-q, --quiet", description: "tell only of files that are left out or badly named" },
  ...findRows({
    dht: "announce the files in the DHT, by digests of their roots",
    lan: "announce the files in the local network, by digests of their roots",
  }),
];

export function seedCommand(): Command {
  const command = new Command("seed").description("serve files, or all files in folders; prints one link a file");
  addArgument(command, "<path...>", "files and folders", someText("the path of a file or a folder"));
  return addOptions(command, rows).action(async (paths: readonly string[], flags: SeedFlags) => {
    const { seed } = await import("../serving.js");
    await seed(paths, flags);
  });
}
