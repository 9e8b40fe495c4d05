import type { SchedulerLike } from "rxjs";
import { asyncScheduler } from "rxjs";
import { checkOptions, type Complete, type OptionShapes } from "./checkOptions.js";
import { defaults, longestDelayMs } from "./defaults.js";
import { aNumber, aScheduler } from "./optionShapes.js";
import { PeerCircuit, type PeerTurn } from "./PeerCircuit.js";
import { PeerRests } from "./PeerRests.js";

export interface SharedHealthConfig {
  /** Failures in a row, over all calls, after which a peer is blacklisted, at least 1. @default 3 */
  readonly failureThreshold?: number | undefined;
  /** How long a peer is blacklisted the first time, ms; twice as long each time that its probe fails. @default 30000 */
  readonly firstBlacklistMs?: number | undefined;
  /** The longest blacklisting, ms. @default 300000 */
  readonly blacklistMs?: number | undefined;
  /**
   * The order in which healthy peers are asked: as they are listed, best first; or `"balanced"`, the one first whose answer is expected soonest
   * by its answers so far, its failures and the calls under way there.
   *
   * @default "listed"
   */
  readonly ranking?: "listed" | "balanced" | undefined;
  /** Where time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A peer, as it stands with a `SharedHealth`. */
export interface PeerState {
  readonly peer: unknown;
  /**
   * - `healthy`: may be asked
   * - `resting`: not asked until its time is over (`Retry-After`)
   * - `blacklisted`: asked when there is nobody else
   * - `half-open`: the next call is its probe, or one that is under way
   */
  readonly state: "healthy" | "resting" | "blacklisted" | "half-open";
  /** For how much longer it rests or is blacklisted, ms; else 0. */
  readonly leftMs: number;
  /** Consecutive failures. */
  readonly failures: number;
  /** Attempts under way. */
  readonly inFlight: number;
  /** Milliseconds to a first value, a moving average; `undefined` before the first. */
  readonly latencyMs: number | undefined;
}

/** Knowledge of peers that many calls share. A peer is the same when it is the same value: a string, or the same object. */
export interface SharedHealth {
  /** Each peer that was asked, and how it stands now. */
  readonly states: readonly PeerState[];
  /** Milliseconds for which the peer asked to be left alone; 0 when it may be asked. */
  restMs(peer: unknown): number;
  /** True when others are asked rather than this peer. */
  isAvoided(peer: unknown): boolean;
  /** The candidates in the order in which they are to be asked. */
  ranked<P>(candidates: Iterable<P>): Iterable<P>;
  /** The peer asks to be left alone for so long, ms. */
  rest(peer: unknown, forMs: number): void;
  /** An attempt with the peer begins; what comes of it is told to its turn. */
  asked(peer: unknown): PeerTurn;
}

const shapes: OptionShapes<SharedHealthConfig> = {
  failureThreshold: aNumber(1, Number.MAX_SAFE_INTEGER),
  firstBlacklistMs: aNumber(0, longestDelayMs),
  blacklistMs: aNumber(0, longestDelayMs),
  ranking: { must: '"listed" or "balanced"', fits: (value) => value === "listed" || value === "balanced" },
  scheduler: aScheduler,
};

/** Peers of which something is known at a time; the one asked longest ago is forgotten first. */
const mostPeers = 10_000;

/**
 * Health of peers that calls share: a dead first peer costs its waits once, not at each call, and one that asks for time is left alone by all.
 *
 *     call 1   A# A-# A--# B|        0, 1, 3 and 7 s; three failures in a row blacklist A
 *     call 2   B|                    at once
 *     call 3   A|                    after 30 s: one call is A's probe, the others ask B meanwhile
 *
 * Verdicts of `classify` count: `retry` and `switch` as failures of the peer, `continue` and `fail` as nobody's. A peer that is blacklisted is
 * asked when all others are, too, so that a call is never left with nobody for want of health; one that rests is not. Of an attempt in which
 * another peer stood in (`hedge`) only the failure counts. Nothing runs between calls: time is read when somebody is to be asked.
 *
 * @example
 * const health = sharedHealth();
 * const ask = (path: string) => askPeers([mirrorA, mirrorB], (base) => fetchText(base + path), { health });
 *
 * @throws TypeError or RangeError at the call for a config that cannot be.
 */
export function sharedHealth(config: SharedHealthConfig = {}): SharedHealth {
  checkOptions("sharedHealth", config, shapes);
  const { failureThreshold, firstBlacklistMs, blacklistMs } = defaults.health;
  return new Health({
    failureThreshold: config.failureThreshold ?? failureThreshold,
    firstBlacklistMs: config.firstBlacklistMs ?? firstBlacklistMs,
    blacklistMs: config.blacklistMs ?? blacklistMs,
    ranking: config.ranking ?? "listed",
    scheduler: config.scheduler ?? asyncScheduler,
  });
}

class Health implements SharedHealth {
  readonly #config: Complete<SharedHealthConfig>;
  readonly #rests: PeerRests;
  /** In the order in which they were asked last. */
  readonly #circuits = new Map<unknown, PeerCircuit>();
  readonly #now: () => number;

  constructor(config: Complete<SharedHealthConfig>) {
    this.#config = config;
    this.#rests = new PeerRests(config.scheduler);
    this.#now = () => config.scheduler.now();
  }

  get states(): readonly PeerState[] {
    return Array.from(this.#circuits, ([peer, circuit]) => this.#stateOf(peer, circuit));
  }

  restMs(peer: unknown): number {
    return this.#rests.leftMs(peer);
  }

  isAvoided(peer: unknown): boolean {
    return this.#circuits.get(peer)?.isAvoided(this.#now()) === true;
  }

  ranked<P>(candidates: Iterable<P>): Iterable<P> {
    if (this.#config.ranking === "listed") return candidates;
    const now = this.#now();
    const known = Array.from(candidates, (peer) => ({ peer, circuit: this.#circuits.get(peer) }));
    const latencies = known.map(({ circuit }) => circuit?.latencyMs).filter((ms) => ms !== undefined);
    const usualMs = latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length || 1;
    return known
      .map(({ peer, circuit }) => ({ peer, ms: circuit?.expectedMs(now, usualMs) ?? 0 }))
      .sort((a, b) => a.ms - b.ms)
      .map(({ peer }) => peer);
  }

  rest(peer: unknown, forMs: number): void {
    this.#rests.add(peer, forMs);
  }

  asked(peer: unknown): PeerTurn {
    const circuit = this.#circuits.get(peer) ?? new PeerCircuit(this.#config);
    this.#circuits.delete(peer);
    this.#circuits.set(peer, circuit);
    if (this.#circuits.size > mostPeers) this.#forget();
    return circuit.asked(this.#now);
  }

  #forget(): void {
    const [longestAgo] = this.#circuits.keys();
    this.#circuits.delete(longestAgo);
  }

  #stateOf(peer: unknown, circuit: PeerCircuit): PeerState {
    const { failures, inFlight, latencyMs, openUntilMs } = circuit;
    const common = { peer, failures, inFlight, latencyMs };
    const restMs = this.restMs(peer);
    if (restMs > 0) return { ...common, state: "resting", leftMs: restMs };
    if (openUntilMs === undefined) return { ...common, state: "healthy", leftMs: 0 };
    const leftMs = Math.max(0, openUntilMs - this.#now());
    return { ...common, state: leftMs > 0 ? "blacklisted" : "half-open", leftMs };
  }
}
