import type { Observable } from "rxjs";
import { map, of, scan } from "rxjs";
import { describeEvent, type DownloadState, initialState, ofType, reduce } from "rx-tributary";
import { type BlobEvent, downloadToBlob } from "rx-tributary/browser";
import { downloadFile, type DownloadFileOptions } from "rx-tributary/node";
import { askPeers } from "rx-tributary/operators";
import { simulateSwarm, type SwarmRun } from "rx-tributary/testing";

/** Is called by nobody: its types are what is tried. */
export function typed(mirrors: readonly string[], options: DownloadFileOptions): readonly Observable<unknown>[] {
  const blobs: Observable<BlobEvent> = downloadToBlob(mirrors);
  const states: Observable<DownloadState> = blobs.pipe(scan(reduce, initialState));
  const lines: Observable<string | undefined> = blobs.pipe(map(describeEvent));
  const path: Observable<string> = downloadFile(mirrors, options).pipe(
    ofType("download-completed"),
    map((completed) => completed.path),
  );
  const left: Observable<"peer-left"> = blobs.pipe(
    ofType("peer-left"),
    map(({ type }) => type),
  );
  return [states, lines, path, left];
}

const { outcome }: SwarmRun = simulateSwarm({ seed: 1, chunks: 4, peers: [{ id: "a", bytesPerSecond: 1e6 }] });
askPeers(["a"], (peer) => of(`${peer}, ${outcome}`)).subscribe((text: string) => console.log(text));
