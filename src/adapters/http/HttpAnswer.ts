import type { Observable } from "rxjs";

/** The fields of an answer, and where they are from. */
export interface AnswerFields {
  /** Headers by names in lower case; values of a header that came several times are joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where the answer is from: another address than the request's where the platform follows redirects by itself. */
  readonly url: string;
}

export interface HttpAnswer extends AnswerFields {
  readonly status: number;
  /** Redirects that led to it, the first one first. @default none */
  readonly via?: readonly AnswerFields[];
  /** True when another request may take the direct lane: HTTP/1.1, a connection that stays, and nobody between. @default false */
  readonly isDirect?: boolean;
  /**
   * True when it is from this machine or a private network, by the address at the other end of the connection; unknown behind a proxy, and where the platform
   * does not tell.
   */
  readonly isPrivate?: boolean;
  /** The values of Set-Cookie, which commas do not part. @default none, also where the platform keeps cookies by itself */
  readonly setCookies?: readonly string[];
  /** True when the platform takes codings off a body by itself, as `fetch` does. @default false */
  readonly isDecoded?: boolean;
  /**
   * True when the platform shows few of its headers, unless the server exposes others, as `fetch` does across origins: what is not there says nothing.
   * @default false
   */
  readonly isVeiled?: boolean;
  /**
   * The bytes as they are on the wire, unless they are decoded; errors with `DownloadError`. To be subscribed once; unsubscribing drops the connection, unless
   * the last byte is here.
   */
  readonly body: Observable<Uint8Array>;
}
