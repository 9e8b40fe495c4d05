import type { DownloadErrorCode } from "../errors/verdicts.js";
import { isOnGrain, longestPiece } from "./syntheticFile.js";
import type { BandwidthStep } from "./Uplink.js";

/** Time from `fromMs` on, before `untilMs`; both count from the start of the simulation, ms. */
export interface Span {
  /** @default 0 */
  readonly fromMs?: number;
  /** @default for ever */
  readonly untilMs?: number;
}

/** All requests whose answer falls into this span are refused. */
export interface Refusal extends Span {
  readonly code: DownloadErrorCode;
  /** How long it asks to be left alone, where it is `PEER_BUSY` or `RATE_LIMITED`. */
  readonly retryAfterMs?: number;
}

/** How a peer of a simulated swarm behaves, by the clock and by chance. Faults that are left out do not happen. */
export interface SwarmPeer {
  /** @default its place in the list: P0, P1 ... */
  readonly id?: string;
  /** The speed that all its requests share, each the same part; steps for a speed that changes, 0 for silence. */
  readonly bytesPerSecond: number | readonly BandwidthStep[];
  /** Time from a request to the start of its answer, ms. @default 50 */
  readonly roundTripMs?: number;
  /** Bytes that come in one piece, a multiple of 4096. @default 65536 */
  readonly pieceBytes?: number;
  /** When its connection drops: all its requests die of one `CONNECTION_LOST`. */
  readonly lossesAtMs?: readonly number[];
  readonly refusals?: readonly Refusal[];
  /** Requests at once beyond which one is answered with `PEER_BUSY`. @default any number is served */
  readonly maxRequests?: number;
  /** True when each request has a connection of its own. @default false */
  readonly connectsEach?: boolean;
  /** When it is not in the list of peers: its connection drops, and who asks it all the same is refused. */
  readonly away?: readonly Span[];
  /** True when it goes on serving while it is away. @default false */
  readonly lingers?: boolean;
  /** The chunks that it has. @default all */
  readonly has?: (chunk: number) => boolean;
  /** True when it says beforehand what it has. @default true */
  readonly tells?: boolean;
  /** The probability of a request to break somewhere with `CONNECTION_RESET`. @default 0 */
  readonly breaks?: number;
  /** The probability of a request to fall silent somewhere. @default 0 */
  readonly stalls?: number;
  /** The probability of a request to be answered with wrong bytes. @default 0 */
  readonly corrupts?: number;
}

export function isWithin({ fromMs = 0, untilMs = Infinity }: Span, now: number): boolean {
  return fromMs <= now && now < untilMs;
}

/** A peer with an id and nothing left to default. */
export interface ResolvedSwarmPeer extends SwarmPeer {
  readonly id: string;
  readonly steps: readonly BandwidthStep[];
  readonly roundTripMs: number;
  readonly pieceBytes: number;
  readonly away: readonly Span[];
}

/**
 * The peers of a swarm, with defaults for what they leave out.
 *
 * @throws RangeError, which names the peer, the value and what would be right.
 */
export function resolvePeers(peers: readonly SwarmPeer[]): readonly ResolvedSwarmPeer[] {
  const resolved = peers.map(resolvePeer);
  const ids = new Set<string>();
  for (const { id } of resolved) {
    if (ids.has(id)) throw new RangeError(`two peers have the id ${id}`);
    ids.add(id);
  }
  return resolved;
}

function resolvePeer(peer: SwarmPeer, index: number): ResolvedSwarmPeer {
  const { id = `P${index}`, bytesPerSecond, roundTripMs = 50, pieceBytes = 65_536, away = [] } = peer;
  const steps = typeof bytesPerSecond === "number" ? [{ atMs: 0, bytesPerSecond }] : bytesPerSecond;
  for (const step of steps) check(id, "bytesPerSecond", step.bytesPerSecond, 0, Number.MAX_SAFE_INTEGER);
  check(id, "roundTripMs", roundTripMs, 0, 3_600_000);
  for (const name of ["breaks", "stalls", "corrupts"] as const) check(id, name, peer[name] ?? 0, 0, 1);
  if (!isOnGrain(pieceBytes) || pieceBytes > longestPiece) {
    throw new RangeError(`${id}: pieceBytes is ${pieceBytes}; it must be a multiple of 4096 up to ${longestPiece}`);
  }
  return { ...peer, id, steps, roundTripMs, pieceBytes, away };
}

function check(id: string, name: string, value: number, from: number, to: number): void {
  if (value >= from && value <= to) return;
  throw new RangeError(`${id}: ${name} is ${value}; it must be a number from ${from} to ${to}`);
}
