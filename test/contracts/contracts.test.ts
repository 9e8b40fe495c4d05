import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { blobSink } from "../../src/adapters/browser/blobSink.js";
import { hashes as browserHashes } from "../../src/adapters/browser/hashes.js";
import { sha256 as browserSha256 } from "../../src/adapters/browser/sha256.js";
import { memoryCatalogue } from "../../src/adapters/memory/memoryCatalogue.js";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { catalogueFile } from "../../src/adapters/node/catalogueFile.js";
import { checkpointStore } from "../../src/adapters/node/checkpointStore.js";
import { FileSink } from "../../src/adapters/node/FileSink.js";
import { hashes as nodeHashes } from "../../src/adapters/node/hashes.js";
import { sha256 as nodeSha256 } from "../../src/adapters/node/sha256.js";
import { tempFolder } from "../tempFolder.js";
import { catalogueContract } from "./catalogueContract.js";
import { chunkSinkContract } from "./chunkSinkContract.js";
import { aFile, progressStoreContract } from "./progressStoreContract.js";
import { hashesContract } from "./hashesContract.js";
import { sha256Contract } from "./sha256Contract.js";

hashesContract("node:crypto", nodeHashes);
hashesContract("@noble/hashes", browserHashes);
sha256Contract("node:crypto", nodeSha256);
sha256Contract("@noble/hashes", browserSha256);

chunkSinkContract("memorySink", () => {
  const sink = memorySink();
  return Promise.resolve({
    sink: () => sink,
    finished: () => Promise.resolve(sink.finished() ? sink.bytes() : undefined),
  });
});

chunkSinkContract("blobSink", () => {
  const sink = blobSink();
  return Promise.resolve({
    sink: () => sink,
    finished: async () => (sink.finished() ? new Uint8Array(await sink.blob().arrayBuffer()) : undefined),
  });
});

chunkSinkContract("FileSink", async () => {
  const path = join(await tempFolder(), "out.bin");
  return { sink: () => new FileSink(path), finished: () => readFile(path).catch(() => undefined) };
});

progressStoreContract("memoryProgress", () => {
  const store = memoryProgress();
  return Promise.resolve(() => store);
});

progressStoreContract("checkpointStore", async () => {
  const path = join(await tempFolder(), "out.bin.part.json");
  return () => checkpointStore(path, aFile);
});

catalogueContract("memoryCatalogue", () => {
  const catalogue = memoryCatalogue();
  return Promise.resolve(() => catalogue);
});

catalogueContract("catalogueFile", async () => {
  const path = join(await tempFolder(), "state", "catalogue.json");
  return () => catalogueFile(path);
});
