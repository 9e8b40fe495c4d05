import { busyWaitMs } from "../errors/busyWaitMs.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { verdicts } from "../errors/verdicts.js";
import { blacklistDurationMs } from "./blacklistDuration.js";
import type { LegInFlight } from "./LegInFlight.js";
import type { PeerEntry } from "./PeerEntry.js";
import type { Roster } from "./Roster.js";
import { healthy } from "./Standing.js";
import { successRate } from "./successRate.js";

/** So often a peer that stalls is given a new connection. */
const renewEveryMs = 2000;
/** What is left of its speed where too little was seen of it. */
const unseenShare = 0.25;

/** How peers stand after what their legs did. */
export class Conduct {
  readonly #roster: Roster;
  #lastFailure: DownloadError | undefined;
  /** How the legs of this run ended, all peers together; several may have died of one event. */
  readonly #legs = { ok: 0, failed: 0 };

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** The failure that was counted last, of any peer. */
  get lastFailure(): DownloadError | undefined {
    return this.#lastFailure;
  }

  /** The share of this run's legs that delivered, of those that did or failed. */
  get successRate(): number {
    return successRate(this.#legs.ok, this.#legs.failed);
  }

  delivered(entry: PeerEntry): void {
    this.#legs.ok++;
    entry.rate.giveBack();
    entry.busyAnswers = 0;
    this.#measure(entry);
    const { blacklistedUntil: _until, blacklistedFor: _for, ...free } = entry.record;
    const record = entry.standing.state === "blacklisted" ? entry.record : free;
    entry.record = { ...record, ok: record.ok + 1, failures: 0 };
    if (entry.proven) entry.limit.succeeded();
    if (entry.standing.state !== "probing") return;
    entry.standing = healthy;
    this.#roster.tell({ type: "peer-restored", peer: entry.peer.id });
  }

  /** It broke after real progress. */
  broken(leg: LegInFlight, error: DownloadError): void {
    this.#learnSilence(leg, error);
    if (error.code !== "STALLED") leg.entry.record = { ...leg.entry.record, failures: 0 };
    this.cancelled(leg);
  }

  /** We stopped it. What came counts; a request that brought nothing was fruitless. */
  cancelled({ entry, received }: LegInFlight): void {
    if (received > 0) entry.rate.giveBack();
    this.#measure(entry);
  }

  /** Takes a sample of its goodput, whatever became of the leg. */
  #measure(entry: PeerEntry): void {
    if (!entry.warm) {
      entry.warm = entry.bytes > 0;
      return;
    }
    const before = entry.record.bytesPerSecond;
    const sample =
      entry.meter.sample(this.#roster.now) ?? (before === undefined ? entry.meter.guess(this.#roster.now) : 0);
    if (sample > 0) entry.sampled(sample);
  }

  failed(leg: LegInFlight, error: DownloadError): void {
    const { entry, chunk } = leg;
    if (verdicts[error.code].blame === "failure") this.#legs.failed++;
    // A silence is one failure, however many legs it ends, one after the other.
    const isKnown = error.code === "STALLED" && leg.startedAt < entry.renewedAt;
    this.#learnSilence(leg, error);
    if (!entry.alive) return;
    switch (verdicts[error.code].blame) {
      case "failure":
        if (error.code === "TIMEOUT") entry.limit.overloaded();
        if (!isKnown) this.#countFailure(entry, error);
        break;
      case "busy":
        this.#leaveAlone(entry, error);
        break;
      case "missing":
        if (leg.peer === entry.peer && leg.ranged === entry.peer.ranges) entry.missing.add(chunk);
        break;
      case "excluded":
        this.#expel(entry, "excluded", error.code);
        break;
      case "quarantined":
        this.quarantine(entry, error);
        break;
      case "nobody":
        break;
    }
  }

  /** The mark outlives the download; the next one asks it again, as one that failed once more. */
  quarantine(entry: PeerEntry, error: DownloadError): void {
    entry.record = { ...entry.record, failed: entry.record.failed + 1, quarantinedFor: error.code };
    this.#expel(entry, "quarantined", error.code);
    entry.cut.next(error);
  }

  /** Bytes of it were found right. */
  trust(entry: PeerEntry): void {
    if (entry.standing.state === "quarantined") return;
    const { quarantinedFor: _, ...record } = entry.record;
    entry.record = record;
  }

  /** A blacklist outlives a restart, at its absolute end, but never by more than a new one would last. */
  resumeBlacklist(entry: PeerEntry): void {
    const { blacklistedUntil = 0, blacklistedFor = "UNKNOWN" } = entry.record;
    const untilMs = Math.min(blacklistedUntil, this.#roster.now + this.#roster.config.blacklistMs);
    if (untilMs > this.#roster.now) this.#blacklist(entry, blacklistedFor, untilMs);
  }

  /**
   * Blacklisting never takes all candidates away: when nobody else among `candidates` is left, nor at work, the one whose time
   * ends first is asked early. One at a time, for the whole pool. Answers whether there is such a peer.
   */
  probeEarly(candidates: (entry: PeerEntry) => boolean): boolean {
    let next: PeerEntry | undefined;
    let untilMs = Infinity;
    for (const entry of this.#roster.alive()) {
      if (entry.standing.state === "probing") return false;
      if (!candidates(entry) || entry.keepsSayingNo) continue;
      if (entry.standing.state !== "blacklisted" || entry.inFlight > 0) return false;
      if (entry.standing.untilMs >= untilMs) continue;
      next = entry;
      untilMs = entry.standing.untilMs;
    }
    if (next?.standing.state !== "blacklisted") return false;
    const { code } = next.standing;
    const { failures } = next.record;
    next.standing = { state: "probing", code };
    this.#roster.rank(next);
    this.#roster.tell({ type: "peer-blacklisted", peer: next.peer.id, code, failures, untilMs, probing: true });
    return true;
  }

  /** Who fell silent is only as fast as it was seen to be, until it proves more. */
  #learnSilence(leg: LegInFlight, { code }: DownloadError): void {
    if (code !== "STALLED") return;
    const { entry, startedAt, heardAt } = leg;
    const { now } = this.#roster;
    entry.slowedTo(leg.shareOfUsual(now) ?? unseenShare);
    entry.limit.overloaded();
    this.#renew(entry);
    entry.silence.wasCutOff(now - (heardAt ?? startedAt), heardAt !== undefined);
  }

  /** The connection may be what is bad, not the peer: the next request uses a new one. Once for all legs that stall together. */
  #renew(entry: PeerEntry): void {
    const { now } = this.#roster;
    if (now - entry.renewedAt < renewEveryMs) return;
    entry.renewedAt = now;
    entry.peer.renew?.();
  }

  #countFailure(entry: PeerEntry, error: DownloadError): void {
    if (entry.incident === error) return;
    entry.incident = error;
    this.#lastFailure = error;
    const failures = entry.record.failures + 1;
    entry.record = { ...entry.record, failures, failed: entry.record.failed + 1 };
    if (entry.standing.state === "blacklisted") return;
    if (failures < this.#roster.config.failureThreshold && entry.standing.state !== "probing") return;
    const { blacklistMs, firstBlacklistMs = blacklistMs } = this.#roster.config;
    const forMs = blacklistDurationMs(entry.blacklistings++, firstBlacklistMs, blacklistMs);
    this.#blacklist(entry, error.code, this.#roster.now + forMs);
  }

  #blacklist(entry: PeerEntry, code: DownloadErrorCode, untilMs: number): void {
    const { failures } = entry.record;
    entry.record = { ...entry.record, blacklistedUntil: untilMs, blacklistedFor: code };
    entry.standing = { state: "blacklisted", untilMs, code };
    this.#roster.rank(entry);
    this.#roster.tell({ type: "peer-blacklisted", peer: entry.peer.id, code, failures, untilMs });
    this.#comeBack(entry, untilMs, () => ({ state: "probing", code }));
  }

  #leaveAlone(entry: PeerEntry, error: DownloadError): void {
    const waitMs = Math.min(busyWaitMs(entry.busyAnswers + 1, error), this.#roster.config.longestBusyMs);
    const untilMs = this.#roster.now + waitMs;
    const { standing } = entry;
    if (standing.state === "blacklisted" || (standing.state === "busy" && standing.untilMs >= untilMs)) return;
    if (standing.state !== "busy") {
      entry.busyAnswers++;
      entry.limit.overloaded();
    }
    entry.standing = { state: "busy", untilMs, code: error.code };
    this.#roster.rank(entry);
    this.#roster.tell({ type: "peer-busy", peer: entry.peer.id, code: error.code, untilMs });
    // A busy answer proves nothing: who was half-open still is.
    const halfOpen = { state: "probing", code: error.code } as const;
    this.#comeBack(entry, untilMs, () => (entry.record.blacklistedUntil === undefined ? healthy : halfOpen));
  }

  /** Gives the peer a new standing at `untilMs`, if it still has the one it has now. */
  #comeBack(entry: PeerEntry, untilMs: number, next: () => PeerEntry["standing"]): void {
    const { standing } = entry;
    this.#roster.after(Math.max(0, untilMs - this.#roster.now), () => {
      if (entry.standing !== standing) return;
      entry.standing = next();
      this.#roster.rank(entry);
      this.#roster.freed.next();
    });
  }

  #expel(entry: PeerEntry, state: "excluded" | "quarantined", code: DownloadErrorCode): void {
    entry.standing = { state, code };
    this.#roster.rank(entry);
    this.#roster.tell({ type: state === "excluded" ? "peer-excluded" : "peer-quarantined", peer: entry.peer.id, code });
  }
}
