import type { Observable } from "rxjs";
import type { DirectLane } from "./DirectLane.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";

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
  /** True when a request costs time of the thread that reads all answers, as much as to read some hundred KiB. @default false */
  readonly isDear?: boolean;
  /** Later requests use new connections; those that stand end with the requests that are on them. */
  renew(): void;
  /** Drops the connections that no request is on. */
  close(): void;
}

export interface LineOptions {
  /** True when it leads to the public network only, wherever the platform leaves that to us: not to this machine and its private networks. @default false */
  readonly publicOnly?: boolean;
}

/** Makes a line; nothing is dialled before its first request. */
export type ConnectHttp = (options?: LineOptions) => HttpLine;
