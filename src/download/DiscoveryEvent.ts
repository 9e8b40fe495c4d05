import type { DownloadErrorCode } from "../errors/verdicts.js";

/** The subject of a question before the first bytes of a file: its manifest, a mirror's facts, or a text that names the file. */
export type Question = "manifest" | "mirror" | "text";

/** An event of a download that finds out what its file is and who has it. */
export type DiscoveryEvent =
  /** Peers are asked for a manifest, or mirrors for their file. */
  | { readonly type: "resolving"; readonly question: Question; readonly peers: number }
  /** `untilMs` tells when the same peer is asked again; the others are asked at once. */
  | {
      readonly type: "question-failed";
      readonly question: Question;
      readonly peer: string;
      readonly code: DownloadErrorCode;
      readonly message: string;
      readonly untilMs?: number;
    }
  /** Every peer has failed and is asked again at `untilMs`; `retry` counts from 1. */
  | {
      readonly type: "question-retried";
      readonly question: Question;
      readonly retry: number;
      readonly maxRetries: number;
      readonly untilMs: number;
    }
  /** `primary` is silent, and `backup` is asked beside. */
  | {
      readonly type: "question-hedged";
      readonly question: Question;
      readonly primary: string;
      readonly backup: string;
    }
  /** A mirror has the same file as the others, as far as a few bytes tell. */
  | { readonly type: "mirror-compared"; readonly peer: string }
  /** A mirror is not asked for bytes in this download. */
  | {
      readonly type: "mirror-refused";
      readonly peer: string;
      readonly code: DownloadErrorCode;
      readonly message: string;
    }
  /** A mirror failed in passing and may join later. */
  | {
      readonly type: "mirror-postponed";
      readonly peer: string;
      readonly code: DownloadErrorCode;
      readonly message: string;
    }
  /** The download had begun with this mirror's file, which is not that of the others: it is dropped, and theirs is fetched. */
  | { readonly type: "mirror-outvoted"; readonly peer: string }
  /** The mirrors have another version than the one that is here, and are asked again before that counts. */
  | { readonly type: "version-doubted"; readonly message: string; readonly untilMs: number }
  /** All mirrors have another file than the one that was begun; it is found out what they have now. */
  | { readonly type: "file-changed" };
