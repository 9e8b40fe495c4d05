import type { DownloadError } from "../../errors/DownloadError.js";
import type { ClientMessage, Data, End, ManifestSlice, PeerErrorMessage } from "../../protocol/messages.js";

/** Answers of a server to a request, besides an error. */
export type Reply = Data | End | ManifestSlice;

/** Message of an answer, or the error that ends it. */
export type Coming = Reply | PeerErrorMessage;

/** Answers that came while reading was paused. */
export interface Holding {
  /** Keeps one more; `false` when that is more than requests that may bring `due` bytes can have brought. */
  keep(coming: Coming, due: number): boolean;
  /** Passes on what came, as long as that may be. */
  passOn(pass: (coming: Coming) => void, mayBe: () => boolean): void;
  /** Lets go of all; returns how many bytes of chunks were among them. */
  drop(): number;
}

/** One request and its answer. */
export interface Exchange {
  /** `dataBytes`: the most payload bytes of a `data` message. */
  question(id: number, dataBytes: number): ClientMessage;
  /**
   * Takes one message of the answer.
   *
   * @returns whether it was the last.
   * @throws DownloadError `INVALID_CHUNK` or `PROTOCOL_ERROR` when it does not fit the question.
   */
  take(reply: Reply): boolean;
  /** Bytes that the answer may still bring. */
  readonly missing: number;
  complete(): void;
  fail(error: DownloadError): void;
}
