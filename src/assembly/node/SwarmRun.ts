import { EMPTY, type MonoTypeOperatorFunction, type Observable } from "rxjs";
import { mayAskCandidate } from "../../adapters/network/isPrivate.js";
import { sha256 } from "../../adapters/node/sha256.js";
import { dialNode } from "../../adapters/websocket/dialNode.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import { noncesOf } from "../../seeder/noncesOf.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import { metBy } from "../../storage/MetPeer.js";
import type { Assembly } from "../Assembly.js";
import { FileShare } from "../FileShare.js";
import { joinedLists } from "../joinedLists.js";
import { rtcSource } from "../rtcSource.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { exchangeOf } from "./exchangeOf.js";
import { keptPeers } from "./keptPeers.js";
import type { Place } from "./prepareTarget.js";
import { Searches } from "./Searches.js";
import { tellOn } from "./tellOn.js";

export interface SwarmRunParts {
  readonly options: Pick<DownloadFileOptions, "shared" | "exchange" | "rtc" | "findPeers" | "tokens" | "ca">;
  /** Root by which the file is asked for, if it is. */
  readonly root: string | undefined;
  /** Where the file is to lie: a record of an earlier run is beside it. */
  readonly place: Place;
  /** True while nothing more may come. */
  readonly paused: Observable<boolean>;
}

/**
 * One run of a download in the swarm:
 *
 *     asked      peers that are named, found by the root, told of by others, met at a seeder, or known from an earlier run
 *     shared     what is here, with those who come, where the file is shared
 *     told       those who were named, of the door at which it is served, also when the run is over
 */
export class SwarmRun {
  readonly #parts: SwarmRunParts;
  readonly #dial;
  readonly #searches: Searches;
  #request: FileRequest | undefined;
  /** The file as others can have it, where it is shared. */
  readonly share: FileShare | undefined;

  constructor(parts: SwarmRunParts) {
    const { shared, ca, findPeers } = parts.options;
    this.#parts = parts;
    this.#dial = dialNode({ ca, from: shared && (() => shared.address) });
    this.#searches = new Searches(findPeers);
    this.share = shared && new FileShare(shared, parts.root, sha256);
  }

  /** Takes in what is asked for. */
  requested(request: FileRequest): void {
    this.#request = request;
  }

  /** Ways to others. */
  get ways(): Pick<Assembly, "exchange" | "findPeers" | "sockets" | "rtc"> {
    const { options, paused } = this.#parts;
    const { shared, tokens, rtc } = options;
    const ownNonces = shared && noncesOf(shared);
    const isOwn = ownNonces && ((nonce: string) => ownNonces.has(nonce));
    const { finder } = this.#searches;
    return {
      exchange: this.#exchanges
        ? (root, clock) => exchangeOf(root, { shared, clock, kept: this.#kept(root) })
        : undefined,
      // Peer exchange, where it is, goes on asking those who are not there yet.
      findPeers: finder && ((root) => (this.#exchanges ? finder(root) : joinedLists(finder(root), this.#kept(root)))),
      sockets: {
        dial: this.#dial,
        ...(tokens && { tokens }),
        paused,
        shares: shared !== undefined,
        isOwn,
      },
      rtc: rtcSource(rtc, {
        engine: () => import("../../adapters/webrtc/nodeEngine.js").then(({ nodeEngine }) => nodeEngine),
        ...{ dial: this.#dial, tokens, paused, isOwn, mayAsk: mayAskCandidate },
        serve: shared && ((client) => shared.arrive(client)),
        leaveWhen: this.share?.over,
      }),
    };
  }

  /** The events of the run, with what is to be told of its searches. */
  told(): MonoTypeOperatorFunction<DownloadEvent> {
    return this.#searches.told();
  }

  /** The file is whole; `bytes` are made where it is passed on. */
  completed(bytes: () => ProvenBytes): void {
    const { shared, tokens } = this.#parts.options;
    const request = this.#exchanges ? this.#request : undefined;
    this.share?.completed(bytes, shared && request ? tellOn(request, shared, { dial: this.#dial, tokens }) : EMPTY);
  }

  leave(): void {
    this.share?.leave();
  }

  get #exchanges(): boolean {
    const { shared, exchange = shared !== undefined } = this.#parts.options;
    return exchange;
  }

  /** Peers that an earlier run met by ways that this one takes, too. */
  #kept(root: string): Observable<readonly NamedAddress[]> {
    const { place, options } = this.#parts;
    const ways = metBy.filter((way) => (way === "exchange" ? this.#exchanges : options.findPeers !== undefined));
    return keptPeers({ root, place, name: this.#request?.name }, ways);
  }
}
