import type { DownloadErrorCode } from "../errors/verdicts.js";

/** The subject of a question before the first bytes of a file: its manifest, a mirror's facts, or a text that names the file. */
export type Question = "manifest" | "mirror" | "text";

/** An event of a download that finds out what its file is and who has it. */
export type DiscoveryEvent =
  /** Peers are asked for a manifest, or mirrors for their file. */
  | {
      readonly type: "resolving";
      /** Subject of the question: a manifest, the facts of a mirror, or a text that names the file. */
      readonly question: Question;
      /** How many can be asked. */
      readonly peers: number;
    }
  /** A peer did not answer a question as it should. The others are asked at once, the same one at `untilMs`. */
  | {
      readonly type: "question-failed";
      readonly question: Question;
      /** Id of the peer, an address. */
      readonly peer: string;
      /** Kind of the failure. */
      readonly code: DownloadErrorCode;
      /** Words for people. */
      readonly message: string;
      /** Time at which it is tried again, or at which the waiting ends, ms, by the clock of `at`. */
      readonly untilMs?: number;
    }
  /** Every peer has failed and is asked again at `untilMs`. */
  | {
      readonly type: "question-retried";
      readonly question: Question;
      /** Number of the retry, from 1. */
      readonly retry: number;
      /** Retries that there may be. */
      readonly maxRetries: number;
      readonly untilMs: number;
    }
  /** A wait, until `untilMs`, for somebody who can be asked: nobody is known who can, and others may come. */
  | { readonly type: "waiting"; readonly reason: "no-peers"; readonly untilMs?: number }
  /** A peer is silent, and another one is asked beside. */
  | {
      readonly type: "question-hedged";
      readonly question: Question;
      /** Id of the peer that was asked first. */
      readonly primary: string;
      /** Id of the peer that is asked beside. */
      readonly backup: string;
    }
  /** Four times a second at most: how much of a whole file is hashed, of one that has the name already, or, after `checking`, of the one that came. */
  | {
      readonly type: "hashing";
      /** Bytes that are hashed by now. */
      readonly hashed: number;
      /** Size of the file, bytes. */
      readonly size: number;
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
  /** All mirrors have another file than the one that was begun: they are asked what they have now. */
  | { readonly type: "file-changed" };
