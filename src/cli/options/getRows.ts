import { configRows } from "./getOptions.js";
import { excludes, needs } from "./needs.js";
import { findRows } from "./findRows.js";
import type { Need, OptionGroup, Reader } from "./OptionRow.js";
import { aHeader } from "./readHeaders.js";
import { aCertificateFile } from "./readPem.js";
import { rtcRows } from "./rtcOption.js";
import { seedWhileRows } from "./seedWhileOptions.js";
import { aNumber, wholeFrom } from "./takeNumber.js";
import { aChecksum, aPeer } from "./takeSources.js";
import { aFileName, aList, someText, textFile } from "./takeText.js";
import { tokenRows } from "./tokens.js";
import { UsageError } from "../UsageError.js";

const { targetRows, sourceRows, exchangeRows, speedRows, retryRows, outputRows } = configRows;

const someFiles = wholeFrom(1, Number.MAX_SAFE_INTEGER, "a whole number of files, at least 1");

/** Need of words of one file, which cannot be said of a list. */
const ofOneFile: Need = (typed, value) => {
  const [shown] = [value].flat();
  const words = `${JSON.stringify(shown)} is of one file, and --input-file names a list; write it into the list`;
  return excludes("inputFile", words)(typed, value);
};

const aTarget: Reader = (text, called) => {
  if (text !== "-") return aFileName(text, called);
  const why = "a download is written in many places at once, which stdout cannot take";
  throw new UsageError(`${called} is "-"; ${why}: give the name of a file (./- for one called "-")`);
};

/** All options of `get`, as its help and its documents group them. */
export const getGroups: readonly OptionGroup[] = [
  {
    heading: "Sources",
    rows: [
      {
        flags: "-i, --input-file <list>",
        description: "download the files of a list: one a line, its mirrors separated by tabs; - for stdin",
        read: aList,
      },
      {
        flags: "-p, --peer <url>",
        description: "a ws://host:port that has the file; may be repeated",
        read: aPeer,
        repeats: true,
        needs: [ofOneFile],
      },
      {
        flags: "--select <name>",
        description: "a file of a .meta4: its name, or its place from 1; may be repeated (all)",
        read: someText("the name of a file in a .meta4, or its place from 1"),
        repeats: true,
        needs: [ofOneFile],
      },
      {
        flags: "--checksum <digest>",
        description: "what the whole file must hash to: sha-256=HEX, an SRI string, or a SHA256SUMS file or its URL",
        read: aChecksum,
        needs: [ofOneFile],
      },
      ...sourceRows,
    ],
  },
  {
    heading: "Target",
    rows: [
      {
        flags: "-o, --out <file>",
        description: "name of the file (the manifest's)",
        read: aTarget,
        needs: [ofOneFile],
      },
      ...targetRows,
    ],
  },
  {
    heading: "Secrets and certificates",
    rows: [
      ...tokenRows,
      {
        flags: "--header <host=name: value>",
        description: "header for the mirrors on one host, or host:port; may be repeated",
        read: aHeader,
        repeats: true,
        idle: ({ mirrors }) => (mirrors ? undefined : "it is for mirrors, and none is asked"),
      },
      {
        flags: "--ca <file>",
        description: "certificate authority to trust for wss:// and https://, PEM, in place of Node's and the system's",
        read: aCertificateFile,
        idle: ({ tls }) => (tls ? undefined : "no source is a wss:// or https:// one"),
      },
    ],
  },
  {
    heading: "Peers that nobody named",
    rows: [
      ...findRows({
        dht: "find peers in the DHT, by the root alone if need be; with --seed be found there, too",
        lan: "find peers in the local network; with --seed be found there, too",
      }),
      ...exchangeRows,
      ...rtcRows,
    ],
  },
  { heading: "Serving", rows: seedWhileRows },
  {
    heading: "Speed",
    rows: [
      {
        flags: "-j, --jobs <n>",
        description: "files that are downloaded at a time (5)",
        read: aNumber(someFiles),
        idle: ({ files }) => (files ? undefined : "there is one file"),
      },
      ...speedRows,
    ],
  },
  { heading: "Retrying", rows: retryRows },
  {
    heading: "Output",
    rows: [
      ...outputRows,
      {
        flags: "--ui",
        description:
          "serve a page of it on 127.0.0.1 while it runs; tell its link, and open it where there is a browser",
      },
      {
        flags: "--no-open",
        description: "with --ui: only tell the link",
        needs: [needs("ui", "--ui", "is of the page")],
      },
    ],
  },
  {
    heading: "General",
    rows: [
      {
        flags: "--config <file>",
        description: "options as JSON, by their names in camel case (tributary.config.json)",
        read: textFile("options as JSON"),
      },
    ],
  },
];
