import type { DownloadError } from "../../errors/DownloadError.js";
import type { ClientMessage, Data, End, ManifestSlice } from "../../protocol/messages.js";

/** Answers of a server to a request, besides an error. */
export type Reply = Data | End | ManifestSlice;

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
