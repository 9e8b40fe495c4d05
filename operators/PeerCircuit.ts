import { blacklistDurationMs } from "./blacklistDuration.js";
import { ewma } from "./ewma.js";

/** One asking of a peer, from its beginning to the first of `failed` and `over`. */
export interface PeerTurn {
  /** The first value came. */
  answered(): void;
  /** The peer failed. */
  failed(): void;
  /** The asking is over; says nothing against the peer. */
  over(): void;
}

/** When a peer is blacklisted, and for how long. */
export interface CircuitLimits {
  readonly failureThreshold: number;
  readonly firstBlacklistMs: number;
  readonly blacklistMs: number;
}

/** After so long without an answer, half of what is known of a peer's slowness is forgotten: it may have been a bad moment. */
const halfLifeMs = 30_000;

/**
 * The circuit breaker of one peer, after Nygard, "Release It!" (2007), and what its answers have taught. Time is told to it, ms.
 *
 *     healthy ──failures──▶ blacklisted ──time──▶ half-open ──answered──▶ healthy
 *                               ▲                     │
 *                               └───────failed────────┘
 *
 * Half-open, one turn at a time is the probe; whoever leaves in the middle of it leaves the next one to try.
 */
export class PeerCircuit {
  readonly #limits: CircuitLimits;
  #failures = 0;
  #openings = 0;
  #openUntilMs: number | undefined;
  #probe: PeerTurn | undefined;
  #inFlight = 0;
  /** Milliseconds to a first value, and the share of turns that had one; moving averages. */
  #latencyMs: number | undefined;
  #success: number | undefined;
  #heardAt = 0;

  constructor(limits: CircuitLimits) {
    this.#limits = limits;
  }

  /** Consecutive failures. */
  get failures(): number {
    return this.#failures;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  /** The end of the blacklisting that no answer has ended, ms. */
  get openUntilMs(): number | undefined {
    return this.#openUntilMs;
  }

  /** True while others are asked rather than this peer. */
  isAvoided(now: number): boolean {
    return this.#openUntilMs !== undefined && (now < this.#openUntilMs || this.#probe !== undefined);
  }

  /**
   * The answer to expect if the peer were asked now, ms: later the more is under way there and the more often it fails. An idle peer that
   * never answered comes first (0), so that it is explored; a busy one is taken for one that is `usualMs` slow.
   */
  expectedMs(now: number, usualMs: number): number {
    if (this.#latencyMs === undefined) return this.#inFlight * usualMs;
    const remembered = 2 ** (-Math.max(0, now - this.#heardAt) / halfLifeMs);
    return ((this.#inFlight + 1) * this.#latencyMs * remembered) / Math.max(this.#success ?? 1, 0.05);
  }

  /** The peer is asked; `clock` tells the time of what follows. */
  asked(clock: () => number): PeerTurn {
    const since = clock();
    let stage: "waiting" | "answered" | "over" = "waiting";
    const end = (): boolean => {
      if (stage === "over") return false;
      stage = "over";
      this.#inFlight--;
      if (this.#probe === turn) this.#probe = undefined;
      return true;
    };
    const turn: PeerTurn = {
      answered: () => {
        if (stage !== "waiting") return;
        stage = "answered";
        this.#answered(since, clock());
      },
      failed: () => {
        if (end()) this.#failed(clock());
      },
      over: () => void end(),
    };
    this.#inFlight++;
    if (this.#openUntilMs !== undefined && !this.isAvoided(since)) this.#probe = turn;
    return turn;
  }

  #answered(since: number, now: number): void {
    this.#latencyMs = ewma(this.#latencyMs, Math.max(0, now - since));
    this.#success = ewma(this.#success, 1);
    this.#heardAt = now;
    this.#failures = 0;
    this.#openings = 0;
    this.#openUntilMs = undefined;
    this.#probe = undefined;
  }

  #failed(now: number): void {
    this.#success = ewma(this.#success, 0);
    this.#failures++;
    const { failureThreshold, firstBlacklistMs, blacklistMs } = this.#limits;
    const isOpen = this.#openUntilMs !== undefined;
    if (isOpen ? now < (this.#openUntilMs ?? 0) : this.#failures < failureThreshold) return;
    this.#openUntilMs = now + blacklistDurationMs(this.#openings++, firstBlacklistMs, blacklistMs);
  }
}
