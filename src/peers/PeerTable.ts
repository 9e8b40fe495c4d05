import { askAgainIn } from "../errors/askAgainIn.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PoolMember, PooledPeer } from "./PooledPeer.js";

/** Every peer that the pool has ever met, by its id. */
export class PeerTable {
  readonly #peers = new Map<string, PooledPeer>();

  get size(): number {
    return this.#peers.size;
  }

  get all(): readonly PooledPeer[] {
    return [...this.#peers.values()];
  }

  /** The peers that are neither gone nor out for good. */
  *alive(): Generator<PooledPeer, void> {
    for (const peer of this.#peers.values()) if (peer.isAlive) yield peer;
  }

  /** True when a peer is left, or gone but still at work. */
  get hasHope(): boolean {
    for (const peer of this.#peers.values()) if (peer.isAlive || peer.inFlight > 0) return true;
    return false;
  }

  find(id: string): PooledPeer | undefined {
    return this.#peers.get(id);
  }

  get(id: string): PooledPeer {
    const peer = this.#peers.get(id);
    if (peer === undefined) throw new Error(`the pool does not know the peer ${id}`);
    return peer;
  }

  add(peer: PooledPeer): void {
    this.#peers.set(peer.id, peer);
  }

  /** True when a peer is there that lacks chunks and may get them. */
  get somePartial(): boolean {
    for (const peer of this.alive()) if (peer.offer.isPartial) return true;
    return false;
  }

  someCouldServe(chunk: number, except?: string, which: (peer: PooledPeer) => boolean = () => true): boolean {
    for (const peer of this.#peers.values()) {
      if (peer.id !== except && peer.couldServe(chunk) && which(peer)) return true;
    }
    return false;
  }

  /**
   * Blacklisting never takes all candidates away: when nobody else among them is left, nor at work, the one whose time ends first may be asked
   * early. One at a time, for the whole pool.
   */
  nextToProbe(isCandidate: (peer: PooledPeer) => boolean): PooledPeer | undefined {
    let next: PooledPeer | undefined;
    let untilMs = Infinity;
    for (const peer of this.alive()) {
      const { health } = peer;
      if (health.state === "half-open") return undefined;
      if (!isCandidate(peer) || peer.keepsSayingNo) continue;
      if (health.state !== "open" || peer.inFlight > 0) return undefined;
      if (health.untilMs >= untilMs) continue;
      next = peer;
      untilMs = health.untilMs;
    }
    return next;
  }
}

/**
 * The error of a download that has nobody to ask: the cause that all peers were lost for, or `NO_PEERS`; with peers that asked for time, the code of the
 * one that may be asked first, and when.
 *
 * @param waitedMs how long somebody else was waited for, if that was done
 */
export function nobodyLeft(peers: readonly PoolMember[], now: number, waitedMs?: number): DownloadError {
  if (peers.length === 0) {
    const text = waitedMs === undefined ? "there is no peer to ask" : `no peer appeared within ${waitedMs / 1000} s`;
    return new DownloadError("NO_PEERS", text);
  }
  const waited = waitedMs === undefined ? "" : `; nobody else came within ${waitedMs / 1000} s`;
  const lost = peers.map(({ peer, health }) => ({
    peer,
    // A peer that was only waited for, and left, was lost for no cause.
    code:
      health.state === "excluded" || health.state === "quarantined" || health.state === "away"
        ? health.code
        : undefined,
  }));
  const [back] = peers
    .flatMap(({ present, health }) => (present && health.state === "away" ? [health] : []))
    .sort((a, b) => a.untilMs - b.untilMs);
  const reasons = lost.map(({ peer, code }) => `${peer}: ${code ?? "left"}`);
  const [code, ...others] = new Set(lost.map((each) => each.code));
  const all = reasons.join(", ");
  if (back !== undefined) {
    const retryAfterMs = back.untilMs - now;
    const text = `no peer is left that may be asked now (${all})${askAgainIn(retryAfterMs)}${waited}`;
    return new DownloadError(back.code, text, { retryAfterMs });
  }
  if (code === undefined || others.length > 0)
    return new DownloadError("NO_PEERS", `no peer is left (${all})${waited}`);
  return new DownloadError(common[code] ?? code, `all peers were lost for one reason (${all})${waited}`);
}

const common: Partial<Record<DownloadErrorCode, DownloadErrorCode>> = { FILE_NOT_FOUND: "FILE_NOT_FOUND_ANYWHERE" };
