import { defer, map, type Observable, of } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { anObservable, aNumber } from "../../../operators/optionShapes.js";
import { type Address, addressText } from "../../protocol/Address.js";
import { credentialsShape, tokensShape } from "../../protocol/accessShapes.js";
import { accessShapes, checksumShape } from "../../tools/accessShapes.js";
import { type BlobSink, blobSink } from "../../adapters/browser/blobSink.js";
import { sha256 } from "../../adapters/browser/sha256.js";
import { wayOut } from "../../adapters/browser/wayOut.js";
import type { HostHeaders } from "../../adapters/http/Credentials.js";
import { connectBrowser, type HostCredentials } from "../../adapters/http/connectBrowser.js";
import { type MemoryProgress, memoryProgress } from "../../adapters/memory/memoryProgress.js";
import { dialBrowser, type WebSocketConstructor } from "../../adapters/websocket/dialBrowser.js";
import type { Tokens } from "../../protocol/findToken.js";
import { type DownloadConfig, downloadShapes, resolveConfig } from "../../download/DownloadConfig.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { oneAtATime } from "../../download/oneAtATime.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { FileFacts, Manifest } from "../../manifest/Manifest.js";
import { claimsNothing } from "../../storage/claimsNothing.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import { type Checksum, parseChecksum } from "../../discovery/parseChecksum.js";
import { type FileSelection, selectionShape } from "../../discovery/selectFiles.js";
import type { Target } from "../assemble.js";
import { assembleLater } from "./assembleLater.js";
import { checkSecrets } from "../checkSecrets.js";
import { checkSelect } from "../requestFor.js";
import { PageFile } from "./PageFile.js";
import { checkAddress, type PageSource, parsePageSources } from "./pageSources.js";
import { otherThan } from "./otherThan.js";

export interface DownloadToBlobOptions extends DownloadConfig {
  /** Secrets by `host` or `host:port`. Each is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** Headers by `host` or `host:port`, for `http(s)` mirrors. Headers are sent to that host only, which has to allow them. @default none */
  readonly headers?: HostHeaders | undefined;
  /** Use of the browser's cookies by `host` or `host:port`, as the option of `fetch`: `"omit"`, `"same-origin"` or `"include"`. @default "same-origin" for all */
  readonly credentials?: HostCredentials | undefined;
  /** The file of a Metalink, by its name or its place from 1. @default the only one */
  readonly select?: FileSelection | undefined;
  /**
   * The digest of the whole file: `sha-256=` (or `sha-512=`, `sha-384=`, `sha-224=`, `sha-1=`, `md5=`) and hex digits, an SRI string such as `sha256-BASE64`, or the
   * `http(s)` address of a list such as SHA256SUMS, in which the file is found by its name. Checked when all of it is here. @default not checked
   */
  readonly checksum?: Address | undefined;
  /** More places that serve the file: links, `ws://host:port` or mirrors. Each emission is the whole list. @default none */
  readonly peers?: Observable<readonly Address[]> | undefined;
  /** Bytes that a file may take in memory. @default 536870912 */
  readonly maxBytes?: number | undefined;
  /** Constructor of the sockets. @default the global `WebSocket` */
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
  headers: {
    ...accessShapes.headers,
    must: `${accessShapes.headers.must}, and none that a browser keeps for itself, such as cookie`,
    fits: (value) => accessShapes.headers.fits(value) && !Object.values({ ...(value as object) }).some(hasForbidden),
  },
  credentials: credentialsShape,
  select: selectionShape,
  checksum: checksumShape,
  peers: anObservable("lists of places"),
  maxBytes: aNumber(0, Infinity, "a number of bytes"),
  webSocket: { must: "a constructor of WebSocket", fits: (value) => typeof value === "function" },
};

/** Headers that `fetch` leaves out without a word (Fetch, 2.2.2). */
const forbidden =
  /^(?:accept-charset|access-control-.*|cookie|date|dnt|origin|referer|set-cookie|trailer|via|proxy-.*|sec-.*)$/i;
const hasForbidden = (headers: unknown): boolean =>
  Object.keys({ ...(headers as object) }).some((name) => forbidden.test(name));

const mostBytes = 512 * 1024 * 1024;

/**
 * Downloads one file from WebSocket peers and HTTP mirrors into memory; the `blob` is in `download-completed`, the last event. Sources are `ws://host:port/ROOT` links,
 * a root with `ws://host:port` places, `http(s)` addresses that are mirrors of one file, or a Metalink: its address, a `Blob` of it, such as the `File` of an input (`select` says which of several files).
 * What mirrors have to allow a page is in docs/page.md.
 *
 * Unsubscribing stops at once and keeps what was verified, as `pauseWhen` does; subscribing again resumes. One subscription at a
 * time, another one ends with `LOCKED`: share it. Ends as `download` does; a file larger than `maxBytes` is `LOCAL_IO`, one of which no mirror tells the size `PEER_REJECTED`.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be.
 */
export function downloadToBlob(
  sources: PageSource | readonly PageSource[],
  options: DownloadToBlobOptions = {},
): Observable<BlobEvent> {
  checkOptions("downloadToBlob", options, shapes);
  const { tokens = {}, headers = {}, credentials = {}, select, checksum, ...others } = options;
  const { peers, maxBytes = mostBytes, webSocket, ...config } = others;
  const given = parsePageSources([sources].flat());
  const file = new PageFile(given, { select, checksum: checksum === undefined ? undefined : checksumOf(checksum) });
  checkSelect(given.sources, select);
  checkSecrets(given.sources, { tokens, headers });
  const http = { connect: connectBrowser({ credentials }), tokens, headers };
  const resolved = resolveConfig(config);
  let kept: { readonly manifest: FileFacts; readonly sink: BlobSink; readonly progress: MemoryProgress } | undefined;

  const events = assembleLater({
    request: (discovery, metalink) =>
      file.request(http, discovery, metalink).pipe(
        map((request) => ({
          ...request,
          ...manifestIn(request, kept?.manifest),
          isBegun: () => kept !== undefined,
        })),
      ),
    followsMetalinks: true,
    more: peers,
    sockets: { dial: dialBrowser(webSocket), tokens },
    http,
    hashes: file.hashes,
    online: wayOut,
    digest: sha256,
    config: resolved,
    target: ({ facts: manifest, unsized }, doubts) =>
      defer(() => {
        file.checkSelected();
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

/** The manifest that a run before has asked for, if any, where the root alone is given. */
function manifestIn({ root }: FileRequest, facts: FileFacts | undefined): { readonly manifest?: Manifest } {
  if (root === undefined || facts?.root !== root || facts.digests === undefined) return {};
  return { manifest: { ...facts, digests: facts.digests } };
}

/** @throws TypeError for one that is none, and for the path of a list. */
function checksumOf(given: Address): Checksum {
  const checksum = parseChecksum(addressText(given));
  if ("list" in checksum) checkAddress(checksum.list, "a list of digests");
  return checksum;
}
