import type { Observable, ObservableInput, SchedulerLike } from "rxjs";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import type { WebSocketPeerOptions } from "../adapters/websocket/PeerOptions.js";
import type { EarlyFailure } from "../discovery/beforeStart.js";
import type { Discovery } from "../discovery/Discovery.js";
import type { Doubts } from "../discovery/Doubts.js";
import type { FileRequest } from "../discovery/FileRequest.js";
import type { Finding } from "../discovery/Finding.js";
import type { Address } from "../protocol/Address.js";
import type { KnownFile } from "../discovery/KnownFile.js";
import type { DownloadParts, ResolvedDownloadConfig } from "../download/DownloadConfig.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Hashes, Sha256 } from "../manifest/Hasher.js";
import type { PoolClock } from "../peers/PoolContext.js";
import type { NamedAddress } from "../peers/NamedAddress.js";
import type { HearSearch } from "../peers/SearchNews.js";
import type { PeerExchange } from "../protocol/PeerExchange.js";
import type { Catalogue } from "../storage/Catalogue.js";
import type { Crc32 } from "../storage/crc32.js";
import type { RtcSource } from "./rtcSource.js";

/** Where the bytes go, and what the user should know of it; or the events that end it all, because nothing is left to do. */
export type Target =
  | (Pick<DownloadParts, "manifest" | "sink" | "progress" | "onProven"> & {
      readonly notices?: readonly string[];
      /** The peers of the file, of which one may have brought something already. @default as they are known */
      readonly peers?: DownloadParts["peers"];
    })
  | {
      readonly events: ObservableInput<DownloadEvent>;
      /** True when they keep bytes in the file's own place until they end. @default false */
      readonly hasPart?: boolean;
    };

/** Peer exchange of one file, with the places that come of it. */
export interface FileExchange extends PeerExchange {
  readonly places: Observable<readonly NamedAddress[]>;
}

/** Finds more peers of a file by its root; `hear` takes what the search has come to. */
export type PeerFinder = (root: string, hear: HearSearch) => Observable<readonly (Address | NamedAddress)[]>;

/** The parts of one run of a download. */
export interface Assembly {
  /** `metalink`: the address that was asked for, once it has turned out to be one. */
  readonly request: (discovery: Discovery, metalink?: string) => Observable<FileRequest>;
  /** True when an address is followed that turns out to be a Metalink. @default it is a file like any other */
  readonly followsMetalinks?: boolean;
  /** How sources are used that answers tell of. @default not at all */
  readonly finding?: ((discovery: Discovery) => Omit<Finding, "found">) | undefined;
  /** More places, links or mirrors of the same file, that come and go. */
  readonly more: Observable<readonly (Address | NamedAddress)[]> | undefined;
  /** Peer exchange of a file. @default none */
  readonly exchange?: ((root: string, clock: PoolClock) => FileExchange) | undefined;
  /** Finds peers of a file by its root, once that is known. @default nobody */
  readonly findPeers?: ((root: string) => ReturnType<PeerFinder>) | undefined;
  readonly sockets: WebSocketPeerOptions;
  readonly http: HttpPeerOptions;
  /** Peers by WebRTC, who are met at the links. @default nobody is met */
  readonly rtc?: RtcSource | undefined;
  /** Called with bytes of chunks as they come. */
  readonly onReceived?: (bytes: number) => void;
  /** Tells whether this machine has a way out. */
  readonly online: Observable<boolean>;
  readonly digest: Sha256;
  /** @default in plain JavaScript */
  readonly crc32?: Crc32;
  /** @default SHA-256 alone */
  readonly hashes?: Hashes;
  readonly config: ResolvedDownloadConfig;
  /** Records of peers that downloads share. */
  readonly catalogue?: Catalogue | undefined;
  /** The failure of a run that had not begun, as it is told. Emits once. @default as it is */
  readonly failing?: (error: DownloadError) => Observable<EarlyFailure>;
  /** `doubts` are for answers that speak against what is here. */
  readonly target: (known: KnownFile, doubts: Doubts, discovery: Discovery) => Observable<Target>;
  /** Called once, when the run is over or was left. */
  readonly leave: () => void;
  /** Where all time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
  /** Where all chance comes from. @default Math.random */
  readonly random?: () => number;
}
