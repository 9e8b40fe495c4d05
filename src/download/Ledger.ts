import type { Integrity } from "../manifest/Manifest.js";
import type { HedgeReason } from "../transfer/TransferEvent.js";
import type { ByteMeter, WasteReason } from "../transfer/TransferParts.js";
import type { Account } from "./Account.js";
import type { DownloadEvent, DownloadEventOf, WaitReason } from "./DownloadEvent.js";
import { isTrouble } from "./Recovery.js";

type Counts<Key extends string> = Partial<Record<Key, number>>;

/** Books every byte and every event of a run, and draws up the account. */
export class Ledger implements ByteMeter {
  readonly #size: number;
  readonly #integrity: Integrity;
  readonly #startedAt: number;
  /** Scheduler time of the last byte received or chunk verified. */
  lastGainAt = -Infinity;
  verified = 0;
  resumed = 0;
  receivedBytes = 0;
  retryCount = 0;
  readonly #now: () => number;
  readonly #bytesByPeer: Counts<string> = {};
  readonly #waste: Counts<WasteReason> = {};
  readonly #retries: Counts<string> = {};
  readonly #waits: Counts<WaitReason> = {};
  /** Chunks that failed and are not verified yet: when first, and why last. */
  readonly #troubled = new Map<number, { readonly since: number; readonly code: string }>();
  readonly #hedges: Counts<HedgeReason> = {};
  #resumes = 0;
  #continuations = 0;
  #switches = 0;
  #recovered = 0;
  #longestRecoveryMs = 0;
  readonly #givenUp = new Set<number>();

  constructor({ size, integrity }: Pick<Account, "size" | "integrity">, now: () => number) {
    this.#size = size;
    this.#integrity = integrity;
    this.#now = now;
    this.#startedAt = now();
  }

  /** What an earlier run left. */
  open(resumedBytes: number, resumes: number): void {
    this.verified = resumedBytes;
    this.resumed = resumedBytes;
    this.#resumes = resumes;
  }

  /** The beginning of an unfinished chunk, left by an earlier run. */
  foundOnDisk(bytes: number): void {
    this.resumed += bytes;
  }

  /** Was complete, and turned out to be wrong on disk. */
  spoilt(bytes: number): void {
    this.verified -= bytes;
    this.wasted("restart", bytes);
  }

  received(peer: string, bytes: number): void {
    this.receivedBytes += bytes;
    this.lastGainAt = this.#now();
    add(this.#bytesByPeer, peer, bytes);
  }

  wasted(reason: WasteReason, bytes: number): void {
    if (bytes > 0) add(this.#waste, reason, bytes);
  }

  book(event: DownloadEvent): void {
    switch (event.type) {
      case "attempt-failed": {
        if (event.continued && event.received > 0 && event.verdict === "retry") this.#continuations++;
        if (!isTrouble(event)) break;
        const since = this.#troubled.get(event.chunk)?.since ?? event.at;
        this.#troubled.set(event.chunk, { since, code: event.code });
        break;
      }
      case "retry-scheduled":
        this.retryCount++;
        add(this.#retries, this.#troubled.get(event.chunk)?.code ?? "UNKNOWN", 1);
        break;
      case "peer-switched":
        this.#switches++;
        break;
      case "hedge-started":
        add(this.#hedges, event.reason, 1);
        break;
      case "waiting":
        add(this.#waits, event.reason, 1);
        break;
      case "chunk-failed":
        this.#givenUp.add(event.chunk);
        break;
      case "chunk-verified":
      case "chunk-stored":
        this.#bookComplete(event);
        break;
      default:
        break;
    }
  }

  account(): Account {
    return {
      size: this.#size,
      integrity: this.#integrity,
      verified: this.verified,
      received: this.receivedBytes,
      resumed: this.resumed,
      bytesByPeer: { ...this.#bytesByPeer } as Record<string, number>,
      waste: { ...this.#waste },
      retries: { ...this.#retries } as Record<string, number>,
      waits: { ...this.#waits },
      continuations: this.#continuations,
      switches: this.#switches,
      hedges: { ...this.#hedges },
      troubledChunks: this.#recovered + this.#troubled.size,
      recoveredChunks: this.#recovered,
      longestRecoveryMs: this.#longestRecoveryMs,
      failedChunks: this.#givenUp.size,
      resumes: this.#resumes,
      elapsedMs: this.#now() - this.#startedAt,
    };
  }

  /** Chunks given up and not verified since, in order. */
  get failedChunks(): readonly number[] {
    return [...this.#givenUp].sort((a, b) => a - b);
  }

  #bookComplete({ chunk, bytes, at, resumed }: DownloadEventOf<"chunk-verified" | "chunk-stored">): void {
    this.verified += bytes;
    if (resumed) this.resumed += bytes;
    else this.lastGainAt = at;
    this.#givenUp.delete(chunk);
    const trouble = this.#troubled.get(chunk);
    if (trouble === undefined) return;
    this.#troubled.delete(chunk);
    this.#recovered++;
    this.#longestRecoveryMs = Math.max(this.#longestRecoveryMs, at - trouble.since);
  }
}

function add<Key extends string>(counts: Counts<Key>, key: Key, amount: number): void {
  counts[key] = (counts[key] ?? 0) + amount;
}
