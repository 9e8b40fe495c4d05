import type { Observable } from "rxjs";
import type { OptionShapes } from "../../../operators/checkOptions.js";
import { anObservable } from "../../../operators/optionShapes.js";
import type { HostHeaders } from "../../adapters/http/Credentials.js";
import type { HostCredentials } from "../../adapters/http/connectBrowser.js";
import { type RtcOptions, rtcShape } from "../../adapters/webrtc/RtcOptions.js";
import type { WebSocketConstructor } from "../../adapters/websocket/dialBrowser.js";
import { type FileSelection, selectionShape } from "../../discovery/selectFiles.js";
import { type DownloadConfig, downloadShapes } from "../../download/DownloadConfig.js";
import { credentialsShape, tokensShape } from "../../protocol/accessShapes.js";
import type { Address } from "../../protocol/Address.js";
import type { Tokens } from "../../protocol/findToken.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import { sharedShape } from "../../seeder/sharedShape.js";
import { accessShapes, checksumShape } from "../../tools/accessShapes.js";

/** Options of any download in a page, wherever its bytes go. */
export interface PageDownloadOptions extends DownloadConfig {
  /** Secrets by `host` or `host:port`. Each is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** Headers by `host` or `host:port`, for `http(s)` mirrors. Headers are sent to that host only, which has to allow them. @default none */
  readonly headers?: HostHeaders | undefined;
  /**
   * Use of the browser's cookies by `host` or `host:port`, as the option of `fetch`: `"omit"`, `"same-origin"` or `"include"`. @default "same-origin" for all
   */
  readonly credentials?: HostCredentials | undefined;
  /** The file of a Metalink, by its name or its place from 1. @default the only one */
  readonly select?: FileSelection | undefined;
  /**
   * The digest of the whole file: `sha-256=` (or `sha-512=`, `sha-384=`, `sha-224=`, `sha-1=`, `md5=`) and hex digits, an SRI string such as `sha256-BASE64`,
   * or the `http(s)` address of a list such as SHA256SUMS, in which the file is found by its name. Checked when all of it is here.
   * @default not checked
   */
  readonly checksum?: Address | undefined;
  /** Signal to give the file up: the download ends as by `pauseWhen`, and what is here of it is removed. @default never */
  readonly discardWhen?: Observable<unknown> | undefined;
  /**
   * True, or how, where the file is also asked of others who have it and are at the same seeders, over WebRTC, and with `shared` served to them. Not in
   * workers, which end with `LOCAL_IO`.
   *
   * @default false
   */
  readonly rtc?: boolean | RtcOptions | undefined;
  /**
   * Where chunks are shared with others as soon as they are proved, and the whole file after its end, over WebRTC: see `serveWhile`. Needs `rtc`.
   *
   * @default they are not
   */
  readonly shared?: SharedFiles | undefined;
  /** More places that serve the file: links, `ws://host:port` or mirrors. Each emission is the whole list. @default none */
  readonly peers?: Observable<readonly (Address | NamedAddress)[]> | undefined;
  /** Constructor of the sockets. @default the global `WebSocket` */
  readonly webSocket?: WebSocketConstructor | undefined;
}

/** Headers that `fetch` leaves out without a word (Fetch, 2.2.2). */
const forbidden =
  /^(?:accept-charset|access-control-.*|cookie|date|dnt|origin|referer|set-cookie|trailer|via|proxy-.*|sec-.*)$/i;
const hasForbidden = (headers: unknown): boolean =>
  Object.keys({ ...(headers as object) }).some((name) => forbidden.test(name));

export const pageShapes: OptionShapes<PageDownloadOptions> = {
  ...downloadShapes,
  tokens: tokensShape,
  headers: {
    ...accessShapes.headers,
    must: `${accessShapes.headers.must}, and none that a browser keeps for itself, such as cookie`,
    fits: (value) => accessShapes.headers.fits(value) && !Object.values({ ...(value as object) }).some(hasForbidden),
  },
  credentials: credentialsShape,
  select: selectionShape,
  checksum: checksumShape,
  discardWhen: anObservable("signals to give up"),
  peers: anObservable("lists of places"),
  rtc: rtcShape,
  shared: sharedShape,
  webSocket: { must: "a constructor of WebSocket", fits: (value) => typeof value === "function" },
};
