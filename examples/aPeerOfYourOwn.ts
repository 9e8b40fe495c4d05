/** Anything that gives bytes can be a peer: here two maps, each with half of the chunks, together the whole file. */
import { randomBytes } from "node:crypto";
import type { Peer } from "rx-tributary";
import { buildManifest, chunkAt, chunkCount, download, DownloadError } from "rx-tributary";
import { sha256 } from "rx-tributary/node";
import { memoryProgress, memorySink } from "rx-tributary/testing";
import { defer, filter, firstValueFrom, lastValueFrom, of, throwError } from "rxjs";

const file = randomBytes(600_000);
const facts = { name: "numbers.bin", size: file.length, chunkSize: 65_536 };
const manifest = await firstValueFrom(of(file).pipe(buildManifest(facts, sha256)));

function mapPeer(id: string, chunks: ReadonlyMap<number, Uint8Array>): Peer {
  return {
    id,
    ranges: true,
    has: (chunk) => chunks.has(chunk),
    request: ({ chunk, offset, length }) =>
      defer(() => {
        const bytes = chunks.get(chunk);
        if (bytes !== undefined) return of(bytes.subarray(offset, offset + length));
        return throwError(() => new DownloadError("CHUNK_NOT_AVAILABLE", `${id} has no chunk ${chunk}`));
      }),
  };
}

const chunks = Array.from({ length: chunkCount(manifest) }, (_, index) => {
  const { offset, length } = chunkAt(manifest, index);
  return [index, file.subarray(offset, offset + length)] as const;
});
const even = mapPeer("even", new Map(chunks.filter(([index]) => index % 2 === 0)));
const odd = mapPeer("odd", new Map(chunks.filter(([index]) => index % 2 === 1)));

const sink = memorySink();
const parts = { manifest, peers: of([even, odd]), sink, progress: memoryProgress(), digest: sha256 };
const completed = download(parts).pipe(filter((event) => event.type === "download-completed"));
const { account } = await lastValueFrom(completed);
console.log(account.bytesByPeer, `same bytes: ${file.equals(sink.bytes())}`);
