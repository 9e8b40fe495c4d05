import type { Observable } from "rxjs";
import { of, scan } from "rxjs";
import { type DownloadState, initialState, ofType, reduce } from "rx-tributary";
import { type BlobEvent, downloadToBlob } from "rx-tributary/browser";
import { downloadFile, type DownloadFileOptions } from "rx-tributary/node";
import { askPeers } from "rx-tributary/operators";
import { simulateSwarm, type SwarmRun } from "rx-tributary/testing";

/** Is called by nobody: its types are what is tried. */
export function typed(mirrors: readonly string[], options: DownloadFileOptions): readonly Observable<unknown>[] {
  const blobs: Observable<BlobEvent> = downloadToBlob(mirrors);
  const states: Observable<DownloadState> = blobs.pipe(scan(reduce, initialState));
  const file = downloadFile(mirrors, options).pipe(ofType("download-completed"));
  return [states, file];
}

const { outcome }: SwarmRun = simulateSwarm({ seed: 1, chunks: 4, peers: [{ id: "a", bytesPerSecond: 1e6 }] });
askPeers(["a"], (peer) => of(`${peer}, ${outcome}`)).subscribe((text: string) => console.log(text));
