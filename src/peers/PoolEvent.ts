import type { DownloadErrorCode } from "../errors/verdicts.js";

/** An event in the life of a peer, or of the pool. */
export type PoolEvent =
  | { readonly type: "peer-joined" | "peer-left" | "peer-restored"; readonly peer: string }
  | {
      readonly type: "peer-blacklisted" | "peer-quarantined" | "peer-busy" | "peer-excluded";
      readonly peer: string;
      readonly code: DownloadErrorCode;
      readonly failures?: number;
      readonly untilMs?: number;
      readonly probing?: true;
    }
  | { readonly type: "waiting"; readonly reason: "no-peers" | "busy"; readonly untilMs?: number };
