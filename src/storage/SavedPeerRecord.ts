import * as v from "valibot";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { isDownloadErrorCode } from "../errors/verdicts.js";
import { amount, count } from "./amounts.js";

/** How one peer has served so far; what the ranking learns from. Decayed counts, so not always whole numbers. */
export interface SavedPeerRecord {
  /** Legs that delivered, and legs that failed. */
  readonly ok: number;
  readonly failed: number;
  /** EWMA of goodput, bytes a second; absent until measured. */
  readonly bytesPerSecond?: number;
  /** The shortest time to a first byte of late. */
  readonly roundTripMs?: number;
  /** Consecutive failures. */
  readonly failures: number;
  /** Wall time, ms since the epoch, at which its blacklisting ends. */
  readonly blacklistedUntil?: number;
  /** Code of the failure that it is blacklisted for. */
  readonly blacklistedFor?: DownloadErrorCode;
  /** Code of the failure that it was quarantined for, in this download or an earlier one; until bytes of it are found right. */
  readonly quarantinedFor?: DownloadErrorCode;
  /** Wall time, ms since the epoch, at which a leg of it taught something last. */
  readonly heardAt?: number;
}

// A newer program may know other reasons.
const code = v.fallback(v.custom<DownloadErrorCode>(isDownloadErrorCode), "UNKNOWN");

export const peerRecordSchema = v.object({
  ok: amount,
  failed: amount,
  bytesPerSecond: v.exactOptional(amount),
  roundTripMs: v.exactOptional(amount),
  failures: count,
  blacklistedUntil: v.exactOptional(amount),
  blacklistedFor: v.exactOptional(code),
  quarantinedFor: v.exactOptional(code),
  heardAt: v.exactOptional(amount),
});
