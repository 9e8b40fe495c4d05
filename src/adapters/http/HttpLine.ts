import type { Observable } from "rxjs";
import type { DirectLane } from "./DirectLane.js";

export interface HttpRequest {
  /** An absolute `http:` or `https:` address, without user and password. */
  readonly url: string;
  /** The peer's name in errors. */
  readonly peer: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that are for the host of `url` and no other. */
  readonly credentials: Readonly<Record<string, string>>;
  /** While it last said `true`, the body is not read from the socket. */
  readonly hold: Observable<boolean>;
}

/** The fields of an answer, and where they are from. */
export interface AnswerFields {
  /** By names in lower case; what came several times is joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where the answer is from: another address than the request's where the platform follows redirects by itself. */
  readonly url: string;
}

export interface HttpAnswer extends AnswerFields {
  readonly status: number;
  /** Redirects that led to it, the first one first. @default none */
  readonly via?: readonly AnswerFields[];
  /** Whether another request may take the direct lane: HTTP/1.1, a connection that stays, and nobody between. @default false */
  readonly isDirect?: boolean;
  /** The bytes as they are on the wire; errors with `DownloadError`. To be subscribed once; unsubscribing drops the connection, unless the last byte is here. */
  readonly body: Observable<Uint8Array>;
}

/**
 * Sends one GET and emits its answer once, then completes; errors with `DownloadError` when there is none. Unsubscribing before the
 * answer drops the connection, dialled or not, at once. With the answer the connection goes over to its body: who does not subscribe that while
 * it is handed the answer has no use for it, and the connection is dropped.
 */
export type SendHttp = (request: HttpRequest) => Observable<HttpAnswer>;

/** The connections of one peer. */
export interface HttpLine {
  readonly send: SendHttp;
  /** A faster way to mirrors that are ordinary, where the platform has one. */
  readonly direct?: DirectLane;
  /** Later requests use new connections; those that stand end with the requests that are on them. */
  renew(): void;
  /** Drops the connections that no request is on. */
  close(): void;
}

/** Makes a line; nothing is dialled before its first request. */
export type ConnectHttp = () => HttpLine;
