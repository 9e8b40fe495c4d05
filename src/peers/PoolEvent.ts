import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PeerOrigin } from "./NamedAddress.js";

/** A peer with a request under way. */
export interface PeerUnderWay {
  /** Shortest time to a first byte of late, ms; missing before it was measured in this run. */
  readonly roundTripMs?: number;
  /** Failures in a row. */
  readonly failures: number;
}

/** An event in the life of a peer, or of the pool. */
export type PoolEvent =
  /** A peer is known, and can be asked from now on; whether it can be reached shows only then. */
  | {
      readonly type: "peer-joined";
      /** Id of the peer, an address. */
      readonly peer: string;
      /** How its address came to be known. */
      readonly source: PeerOrigin;
    }
  /** A peer is gone: its source has it no more. */
  | { readonly type: "peer-left"; readonly peer: string }
  /** A peer that was blacklisted has served again. */
  | { readonly type: "peer-restored"; readonly peer: string }
  /** A peer failed too often in a row and is not asked until `untilMs`; or, with `probing`, gets its one chance. */
  | {
      readonly type: "peer-blacklisted";
      readonly peer: string;
      /** Kind of the failure that led to it. */
      readonly code: DownloadErrorCode;
      /** Failures in a row. */
      readonly failures?: number;
      /** Time at which it ends, ms, by the clock of `at`. */
      readonly untilMs?: number;
      /** True when the peer is asked before its time, because nobody else is left. */
      readonly probing?: true;
      /** True when the same was told of the peer before, and it has answered nothing since: its time is new, and no more. */
      readonly again?: true;
    }
  /** A peer brought what cannot be: it is never asked again in this download. */
  | { readonly type: "peer-quarantined"; readonly peer: string; readonly code: DownloadErrorCode }
  /** A peer has too much to do, and rests until `untilMs`. */
  | {
      readonly type: "peer-busy";
      readonly peer: string;
      readonly code: DownloadErrorCode;
      readonly untilMs?: number;
    }
  /** A peer cannot serve this download: it lacks the file, or refuses us. */
  | { readonly type: "peer-excluded"; readonly peer: string; readonly code: DownloadErrorCode }
  /** No peer can be asked: there is none, or all are busy. */
  | {
      readonly type: "waiting";
      /** Cause of the wait: no peer, all busy, no token in the bucket of retries, no network. */
      readonly reason: "no-peers" | "busy";
      readonly untilMs?: number;
    };
