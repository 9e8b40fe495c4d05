import type { Observable } from "rxjs";

export interface HttpRequest {
  /** An absolute `http:` or `https:` address, without user and password. */
  readonly url: string;
  /** The peer's name in errors. */
  readonly peer: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that are for the host of `url` and no other. */
  readonly credentials: Readonly<Record<string, string>>;
  /** While it last said `true`, the body is not read from the socket. */
  readonly paused: Observable<boolean>;
  /** True when a piece of the body is done with when it was passed on: its memory may be used again for the next. @default false */
  readonly isTransient?: boolean;
}
