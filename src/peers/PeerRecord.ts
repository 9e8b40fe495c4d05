import type { DownloadErrorCode } from "../errors/verdicts.js";

/** A peer's record of service: learned leg by leg, kept across runs. */
export interface PeerRecord {
  /** Legs that delivered; decays, so not always whole. */
  readonly ok: number;
  /** Legs that failed; decays too. */
  readonly failed: number;
  /** Consecutive failures. */
  readonly failures: number;
  /** EWMA of goodput over all legs, bytes a second. */
  readonly bytesPerSecond?: number;
  /** The shortest time to a first byte of late (`RoundTripFloor`). */
  readonly roundTripMs?: number;
  /** Wall time, ms since the epoch. */
  readonly blacklistedUntil?: number;
  /** Code of the failure that it is blacklisted for. */
  readonly blacklistedFor?: DownloadErrorCode;
  /** Code of the failure that it was quarantined for, in this download or an earlier one; until bytes of it are found right. */
  readonly quarantinedFor?: DownloadErrorCode;
  /** Wall time at which a leg of it taught something last, ms since the epoch. */
  readonly heardAt?: number;
}

export const unknownPeer: PeerRecord = { ok: 0, failed: 0, failures: 0 };
