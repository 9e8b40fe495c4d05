import { join } from "node:path";
import { crc32 } from "node:zlib";
import { lastValueFrom, type Observable, of, tap } from "rxjs";
import { scriptedPeer } from "../../../../src/adapters/memory/scriptedPeer.js";
import { checkpointStore } from "../../../../src/adapters/node/checkpointStore.js";
import { type Disk, systemDisk } from "../../../../src/adapters/node/Disk.js";
import { FileSink } from "../../../../src/adapters/node/FileSink.js";
import { manifestFile } from "../../../../src/adapters/node/manifestFile.js";
import { sha256 } from "../../../../src/adapters/node/sha256.js";
import { download } from "../../../../src/download/download.js";
import type { DownloadEvent } from "../../../../src/download/DownloadEvent.js";
import type { FileFacts } from "../../../../src/manifest/Manifest.js";
import { keepingManifest } from "../../../../src/storage/keepingManifest.js";

/** A download of a file into a folder, by way of a disk. */
export interface DownloadOn {
  readonly folder: string;
  readonly bytes: Uint8Array;
  readonly manifest: FileFacts;
  readonly disk?: Disk;
  /** Bytes a second of the only peer; without it the bytes are there at once. */
  readonly bytesPerSecond?: number;
  readonly pauseWhen?: Observable<unknown>;
}

/** Runs it to its end; tells its events, and the error if it failed. */
export async function downloadOn({
  folder,
  bytes,
  manifest,
  disk = systemDisk,
  bytesPerSecond,
  pauseWhen,
}: DownloadOn) {
  const path = join(folder, "film");
  const events: DownloadEvent[] = [];
  const script = { pieceBytes: 4096, ...(bytesPerSecond !== undefined && { bytesPerSecond }) };
  const parts = {
    manifest,
    peers: of([scriptedPeer("A", bytes, script)]),
    sink: new FileSink(path, { disk }),
    progress: keepingManifest(
      {
        progress: checkpointStore(`${path}.part.json`, manifest, disk),
        manifests: manifestFile(`${path}.part.hashes`, disk),
        onTrouble: (message) => events.push({ type: "notice", at: 0, message }),
      },
      manifest,
    ),
    ...{ digest: sha256, crc32 },
  };
  const config = { retry: { maxConcurrentChunks: 3 }, ...(pauseWhen && { pauseWhen }) };
  const error: unknown = await lastValueFrom(download(parts, config).pipe(tap((event) => events.push(event)))).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { events, error };
}
