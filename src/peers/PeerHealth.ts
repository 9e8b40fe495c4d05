import { blacklistDurationMs } from "../../operators/blacklistDuration.js";
import { busyWaitMs } from "../errors/busyWaitMs.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PoolContext } from "./PoolContext.js";

/** How a peer stands with the pool; each member carries only what belongs to it. Times are the pool's clock, ms. */
export type HealthState =
  | { readonly state: "healthy" }
  | { readonly state: "busy"; readonly untilMs: number; readonly code: DownloadErrorCode }
  /** As busy, for longer than a chunk may take: out of this download until then. */
  | { readonly state: "away"; readonly untilMs: number; readonly code: DownloadErrorCode }
  /** Blacklisted: no leg until then. */
  | { readonly state: "open"; readonly untilMs: number; readonly code: DownloadErrorCode }
  /** One leg decides. */
  | { readonly state: "half-open"; readonly code: DownloadErrorCode }
  | { readonly state: "excluded" | "quarantined"; readonly code: DownloadErrorCode };

const healthy: HealthState = { state: "healthy" };

/** A peer that was busy so many times in a row is no reason to leave others alone that would be asked without it. */
const busyAnswersThatTell = 3;

/**
 * The circuit breaker of one peer, after Nygard, "Release It!" (2007), with a state for peers that ask for time.
 *
 *     healthy ──failures──▶ open ──time──▶ half-open ──delivered──▶ healthy
 *        ▲                    ▲                │
 *        └──time── busy, away └────failed──────┘           excluded, quarantined: for good
 *
 * `recovered` is called when time alone has changed the state.
 */
export class PeerHealth {
  readonly #peer: string;
  readonly #pool: PoolContext;
  readonly #recovered: () => void;
  #current = healthy;
  #busyAnswers = 0;
  #openings = 0;
  #incident: DownloadError | undefined;
  /** Blacklisted last, in this run or before it, and nothing delivered since. */
  #wasOpen: boolean;
  #opening: { readonly untilMs: number; readonly code: DownloadErrorCode } | undefined;
  /** Troubles that were told since the peer answered last. */
  readonly #told = new Set<DownloadErrorCode | "probing">();

  constructor(peer: string, pool: PoolContext, wasOpen: boolean, recovered: () => void) {
    this.#peer = peer;
    this.#pool = pool;
    this.#wasOpen = wasOpen;
    this.#recovered = recovered;
  }

  get current(): HealthState {
    return this.#current;
  }

  get state(): HealthState["state"] {
    return this.#current.state;
  }

  /** Out of this download, for good or until a time for which nobody waits. */
  get isOut(): boolean {
    return this.state === "excluded" || this.state === "quarantined" || this.state === "away";
  }

  /** The blacklisting of this run that no delivery has ended. */
  get opening(): { readonly untilMs: number; readonly code: DownloadErrorCode } | undefined {
    return this.#opening;
  }

  /** The failure that was counted last in this run. */
  get incident(): DownloadError | undefined {
    return this.#incident;
  }

  get keepsSayingNo(): boolean {
    return this.#busyAnswers >= busyAnswersThatTell;
  }

  /** A leg delivered; answers whether that ended the blacklisting before it. */
  delivered(): boolean {
    this.#busyAnswers = 0;
    if (this.state === "open") return false;
    this.#wasOpen = false;
    this.#opening = undefined;
    this.heard();
    if (this.state !== "half-open") return true;
    this.#current = healthy;
    this.#pool.tell({ type: "peer-restored", peer: this.#peer });
    return true;
  }

  /** Notes that the peer said something, if only a refusal: the next trouble is news. */
  heard(): void {
    this.#told.clear();
  }

  /** A failure that was counted, as the last one of so many in a row. */
  failed(error: DownloadError, failures: number): void {
    this.#incident = error;
    const { failureThreshold, blacklistMs, firstBlacklistMs = blacklistMs } = this.#pool.config;
    if (this.state === "open" || (failures < failureThreshold && this.state !== "half-open")) return;
    const forMs = blacklistDurationMs(this.#openings++, firstBlacklistMs, blacklistMs);
    this.open(error.code, this.#pool.now + forMs, failures);
  }

  /** Blacklists the peer. */
  open(code: DownloadErrorCode, untilMs: number, failures: number): void {
    this.#wasOpen = true;
    this.#opening = { untilMs, code };
    this.#become({ state: "open", untilMs, code }, () => ({ state: "half-open", code }));
    this.#pool.tell({
      ...{ type: "peer-blacklisted", peer: this.#peer, code, failures, untilMs },
      ...this.#again(code),
    });
  }

  /** Lets one leg try before the time; answers when that would have been, ms. */
  halfOpen(failures: number): void {
    if (this.#current.state !== "open") return;
    const { code, untilMs } = this.#current;
    this.#current = { state: "half-open", code };
    this.#pool.tell({
      ...{ type: "peer-blacklisted", peer: this.#peer, code, failures, untilMs, probing: true },
      ...this.#again("probing"),
    });
  }

  #again(trouble: DownloadErrorCode | "probing"): { readonly again?: true } {
    if (this.#told.has(trouble)) return { again: true };
    this.#told.add(trouble);
    return {};
  }

  /** The peer asked for time, and gets it; answers whether it had not before. */
  busy(error: DownloadError): boolean {
    const { code } = error;
    const before = this.#current;
    const waitMs = busyWaitMs(this.#busyAnswers + 1, error);
    const untilMs = this.#pool.now + waitMs;
    const wasBusy = before.state === "busy" || before.state === "away";
    if (before.state === "open" || (wasBusy && before.untilMs >= untilMs)) return false;
    this.heard();
    const isNew = !wasBusy;
    if (isNew) this.#busyAnswers++;
    // A busy answer proves nothing: who was half-open still is.
    const state = waitMs < this.#pool.config.longestBusyMs ? "busy" : "away";
    this.#become({ state, untilMs, code }, () => (this.#wasOpen ? { state: "half-open", code } : healthy));
    this.#pool.tell({ type: "peer-busy", peer: this.#peer, code, untilMs });
    return isNew;
  }

  expel(state: "excluded" | "quarantined", code: DownloadErrorCode): void {
    this.#current = { state, code };
    this.#pool.tell({ type: state === "excluded" ? "peer-excluded" : "peer-quarantined", peer: this.#peer, code });
  }

  /** Takes a state that ends by itself, if nothing else ends it before. */
  #become(state: HealthState & { readonly untilMs: number }, next: () => HealthState): void {
    this.#current = state;
    this.#pool.after(Math.max(0, state.untilMs - this.#pool.now), () => {
      if (this.#current !== state) return;
      this.#current = next();
      this.#recovered();
    });
  }
}
