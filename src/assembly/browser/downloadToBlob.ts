import { defer, map, type Observable, of } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { anObservable, aNumber } from "../../../operators/optionShapes.js";
import type { Address } from "../../protocol/Address.js";
import { tokensShape } from "../../tools/accessShapes.js";
import { type BlobSink, blobSink } from "../../adapters/browser/blobSink.js";
import { sha256 } from "../../adapters/browser/sha256.js";
import { wayOut } from "../../adapters/browser/wayOut.js";
import { connectBrowser } from "../../adapters/http/connectBrowser.js";
import { type MemoryProgress, memoryProgress } from "../../adapters/memory/memoryProgress.js";
import { dialBrowser, type WebSocketConstructor } from "../../adapters/websocket/dialBrowser.js";
import type { Tokens } from "../../protocol/findToken.js";
import { type DownloadConfig, downloadShapes, resolveConfig } from "../../download/DownloadConfig.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { oneAtATime } from "../../download/oneAtATime.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { FileFacts, Manifest } from "../../manifest/Manifest.js";
import { claimsNothing } from "../../storage/claimsNothing.js";
import type { Target } from "../assemble.js";
import { assembleLater } from "./assembleLater.js";
import { parseSources } from "../../discovery/parseSources.js";
import { otherThan } from "./otherThan.js";

export interface DownloadToBlobOptions extends DownloadConfig {
  /** Secrets by `host` or `host:port`. Each is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** More places that serve the file: links, `ws://host:port` or mirrors. Each emission is the whole list. @default none */
  readonly peers?: Observable<readonly Address[]> | undefined;
  /** Bytes that a file may take in memory. @default 536870912 */
  readonly maxBytes?: number | undefined;
  /** @default the global `WebSocket` */
  readonly webSocket?: WebSocketConstructor | undefined;
}

/**
 * The events of a file that comes into memory. The file is in the last one, verified where its digests are known; `name` is what the manifest
 * suggests, never a path to write to.
 */
export type BlobEvent = DownloadEventWith<{ readonly blob: Blob; readonly name: string }>;

const shapes: OptionShapes<DownloadToBlobOptions> = {
  ...downloadShapes,
  tokens: tokensShape,
  peers: anObservable("lists of places"),
  maxBytes: aNumber(0, Infinity, "a number of bytes"),
  webSocket: { must: "a constructor of WebSocket", fits: (value) => typeof value === "function" },
};

const mostBytes = 512 * 1024 * 1024;

/**
 * Downloads one file from WebSocket peers and HTTP mirrors into memory; the `blob` is in `download-completed`, the last event. Sources are `ws://host:port/ROOT` links,
 * a root with `ws://host:port` places, and `http(s)` addresses that are mirrors of one file.
 *
 * Unsubscribing stops at once and keeps what was verified, as `pauseWhen` does; subscribing again resumes. One subscription at a
 * time, another one ends with `LOCKED`: share it. Ends as `download` does; a file larger than `maxBytes` is `LOCAL_IO`, one of which no mirror tells the size `PEER_REJECTED`.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be.
 */
export function downloadToBlob(
  sources: Address | readonly Address[],
  options: DownloadToBlobOptions = {},
): Observable<BlobEvent> {
  checkOptions("downloadToBlob", options, shapes);
  const { tokens = {}, peers, maxBytes = mostBytes, webSocket, ...config } = options;
  const { root, metalink, places, mirrors } = parseSources([sources].flat());
  if (metalink !== undefined) throw new TypeError("a page cannot read .meta4 files; give links or mirrors");
  const resolved = resolveConfig(config);
  let kept: { readonly manifest: FileFacts; readonly sink: BlobSink; readonly progress: MemoryProgress } | undefined;

  const events = assembleLater({
    request: () =>
      of({
        ...(root !== undefined && { root }),
        ...manifestIn(kept?.manifest),
        places,
        mirrors,
        isBegun: () => kept !== undefined,
      }),
    more: peers,
    sockets: { dial: dialBrowser(webSocket), tokens },
    http: { connect: connectBrowser(), tokens },
    online: wayOut,
    digest: sha256,
    config: resolved,
    target: ({ facts: manifest, unsized }, doubts) =>
      defer(() => {
        if (unsized !== undefined) {
          const text = `${unsized.id} does not tell how long its file is, and a page takes no file of unknown size; across origins its server may have to send Access-Control-Expose-Headers: Content-Range`;
          throw new DownloadError("PEER_REJECTED", text, { peer: unsized.id });
        }
        if (manifest.size > maxBytes) {
          const message = `${JSON.stringify(manifest.name)} has ${manifest.size} bytes, expected at most ${maxBytes} in memory`;
          throw new DownloadError("LOCAL_IO", message);
        }
        const other = kept && otherThan(kept.manifest, manifest);
        const saved = kept?.progress.saved();
        const isWorthless = saved === undefined || claimsNothing(saved);
        if (other !== undefined && !isWorthless && !doubts.confirms(other)) throw doubts.raise(other);
        if (kept === undefined || other !== undefined) {
          kept = { manifest, sink: blobSink(), progress: memoryProgress() };
        }
        return of<Target>(kept);
      }),
    leave: () => undefined,
  });
  const withBlob = events.pipe(
    map((event): BlobEvent => {
      if (event.type !== "download-completed") return event;
      const [blob, name] = [kept?.sink.blob() ?? new Blob(), kept?.manifest.name ?? ""];
      kept = undefined;
      return { ...event, blob, name };
    }),
  );
  return withBlob.pipe(oneAtATime<BlobEvent>());
}

/** The manifest that a run before has asked for, if any. */
function manifestIn(facts: FileFacts | undefined): { readonly manifest?: Manifest } {
  return facts?.digests === undefined ? {} : { manifest: { ...facts, digests: facts.digests } };
}
