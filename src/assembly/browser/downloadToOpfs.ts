import { concatMap, defer, firstValueFrom, from, map, type Observable, of, tap } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { anObservable, aSwitch } from "../../../operators/optionShapes.js";
import { NameLock } from "../../adapters/browser/NameLock.js";
import { isInOpfs, opfsProgress, removeFromOpfs } from "../../adapters/browser/opfsProgress.js";
import { OpfsSink } from "../../adapters/browser/OpfsSink.js";
import { pageError } from "../../adapters/browser/pageError.js";
import { sha256 } from "../../adapters/browser/sha256.js";
import { wayOut } from "../../adapters/browser/wayOut.js";
import { connectBrowser } from "../../adapters/http/connectBrowser.js";
import { dialBrowser, type WebSocketConstructor } from "../../adapters/websocket/dialBrowser.js";
import type { Doubts } from "../../discovery/Doubts.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import { parseSources } from "../../discovery/parseSources.js";
import { type DownloadConfig, downloadShapes, resolveConfig } from "../../download/DownloadConfig.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { oneAtATime } from "../../download/oneAtATime.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { safeFileName } from "../../manifest/fileName.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { Address } from "../../protocol/Address.js";
import type { Tokens } from "../../protocol/findToken.js";
import { claimsNothing } from "../../storage/claimsNothing.js";
import { tokensShape } from "../../protocol/accessShapes.js";
import type { Target } from "../assemble.js";
import { assembleLater } from "./assembleLater.js";
import { lockedSink } from "./lockedSink.js";
import { otherThan } from "./otherThan.js";

export interface DownloadToOpfsOptions extends DownloadConfig {
  /** Name of the file, there and while it comes. @default as the manifest or the mirrors suggest */
  readonly name?: string | undefined;
  /** A file that the user chose (`showSaveFilePicker`), into which it is copied when it is whole, and then is no more where it was. @default it stays */
  readonly to?: FileSystemFileHandle | undefined;
  /** True when a whole file that has the name may be replaced. @default false */
  readonly overwrite?: boolean | undefined;
  /** Secrets by `host` or `host:port`. Each is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** More places that serve the file: links, `ws://host:port` or mirrors. Each emission is the whole list. @default none */
  readonly peers?: Observable<readonly Address[]> | undefined;
  /** @default the global `WebSocket` */
  readonly webSocket?: WebSocketConstructor | undefined;
}

/** The events of a file that comes onto the browser's disk. The file, and its name there, are in the last one, verified where its digests are known. */
export type OpfsEvent = DownloadEventWith<{ readonly file: File; readonly name: string }>;

const shapes: OptionShapes<DownloadToOpfsOptions> = {
  ...downloadShapes,
  name: { must: "the name of a file", fits: (value) => typeof value === "string" },
  to: {
    must: "a FileSystemFileHandle",
    fits: (value) => typeof value === "object" && value !== null && "createWritable" in value,
  },
  overwrite: aSwitch,
  tokens: tokensShape,
  peers: anObservable("lists of places"),
  webSocket: { must: "a constructor of WebSocket", fits: (value) => typeof value === "function" },
};

/**
 * Downloads one file from WebSocket peers and HTTP mirrors into the private file system of the page's origin (OPFS); the `file` is in `download-completed`, the last
 * event, and has no bytes in memory. Until then there is `<name>.part` with a record beside it, from which the next call goes on, after a reload too. Sources are those of `downloadToBlob`.
 *
 * Unsubscribing stops at once and saves behind, as `pauseWhen` does. One download of a name at a time among the tabs of an origin, another one ends with `LOCKED`.
 * Ends as `download` does; no room is `LOCAL_IO`, a whole file of that name that may not be replaced `TARGET_EXISTS`, one of which no mirror tells the size `PEER_REJECTED`.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; DownloadError `INVALID_MANIFEST` for a name.
 */
export function downloadToOpfs(
  sources: Address | readonly Address[],
  options: DownloadToOpfsOptions = {},
): Observable<OpfsEvent> {
  checkOptions("downloadToOpfs", options, shapes);
  const { name, to, overwrite = false, tokens = {}, peers, webSocket, ...config } = options;
  const { root, metalink, places, mirrors } = parseSources([sources].flat());
  if (metalink !== undefined) throw new TypeError("a page cannot read .meta4 files; give links or mirrors");
  if (name !== undefined) safeFileName(name);
  const resolved = resolveConfig(config);

  return defer(() => {
    let place: Place | undefined;
    const events = assembleLater({
      request: () => of({ ...(root !== undefined && { root }), places, mirrors, isBegun: () => true }),
      more: peers,
      sockets: { dial: dialBrowser(webSocket), tokens },
      http: { connect: connectBrowser(), tokens },
      online: wayOut,
      digest: sha256,
      config: resolved,
      target: (known, doubts) =>
        defer(() => {
          const facts = sizedFacts(known);
          const wanted = name ?? safeFileName(facts.name);
          return from(NameLock.take(wanted)).pipe(
            concatMap((lock) => {
              place = new Place(lock, { name: wanted, to, overwrite });
              return place.prepared(facts, doubts);
            }),
          );
        }),
      leave: () => place?.leave(),
    });
    return events.pipe(
      map((event): OpfsEvent => (event.type === "download-completed" ? { ...event, ...resultOf(place) } : event)),
    );
  }).pipe(oneAtATime<OpfsEvent>());
}

function sizedFacts({ facts, unsized }: KnownFile): FileFacts {
  if (unsized === undefined) return facts;
  const text = `${unsized.id} does not tell how long its file is; a page takes no file of unknown size`;
  throw new DownloadError("PEER_REJECTED", text, { peer: unsized.id });
}

function resultOf(place: Place | undefined): { readonly file: File; readonly name: string } {
  if (place?.file === undefined) throw new TypeError("a file that is whole has its name");
  return { file: place.file, name: place.name };
}

interface PlaceOptions {
  readonly name: string;
  readonly to: FileSystemFileHandle | undefined;
  readonly overwrite: boolean;
}

/** The place of one run's file, which is the run's own as long as it has the lock. */
class Place {
  readonly name: string;
  readonly #lock: NameLock;
  readonly #options: PlaceOptions;
  #sink: OpfsSink | undefined;
  #isInUse = false;

  constructor(lock: NameLock, options: PlaceOptions) {
    this.name = options.name;
    this.#lock = lock;
    this.#options = options;
  }

  get file(): File | undefined {
    return this.#sink?.file;
  }

  /** Place to go on with, where what is here is of no other version than the mirrors have now. */
  prepared(manifest: FileFacts, doubts: Doubts): Observable<Target> {
    const found = defer(async (): Promise<Target> => {
      const { name, to } = this.#options;
      await this.#refuseWhole();
      await this.#dropOther(manifest, doubts);
      const sink = (this.#sink = new OpfsSink({ name, to }));
      const locked = lockedSink(sink, { begun: () => (this.#isInUse = true), ended: () => this.#lock.release() });
      return { manifest, sink: locked, progress: opfsProgress(`${name}.part.json`, manifest) };
    });
    // A run that asks its mirrors again takes the lock again.
    return found.pipe(tap({ error: () => this.#lock.release() }));
  }

  /** The run is over, or was left. */
  leave(): void {
    if (this.#isInUse) this.#lock.leave();
    else this.#lock.release();
  }

  async #refuseWhole(): Promise<void> {
    const { name, to, overwrite } = this.#options;
    if (to !== undefined || overwrite) return;
    const isHere = await isInOpfs(name).catch((cause: unknown) => {
      throw pageError("look for", name, cause);
    });
    if (!isHere) return;
    const text = `${name} is in this page's own file system already; it is left as it is, unless overwriting is allowed (the option overwrite)`;
    throw new DownloadError("TARGET_EXISTS", text);
  }

  async #dropOther(manifest: FileFacts, doubts: Doubts): Promise<void> {
    if (manifest.digests !== undefined) return;
    const record = `${this.name}.part.json`;
    const saved = await firstValueFrom(opfsProgress(record).load());
    if (saved === undefined || !("version" in saved) || claimsNothing(saved)) return;
    const other = otherThan(saved, manifest);
    if (other === undefined) return;
    if (!doubts.confirms(other)) throw doubts.raise(other);
    for (const each of [record, `${this.name}.part`]) await removeFromOpfs(each);
  }
}
