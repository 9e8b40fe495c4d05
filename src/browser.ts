// Files that a door names are loaded at once where esbuild splits, used or not: what makes downloads is named by no line of this one.
export type { HostHeaders } from "./adapters/http/Credentials.js";
export type { HostCredentials } from "./adapters/http/connectBrowser.js";
export type { RtcOptions } from "./adapters/webrtc/RtcOptions.js";
export type { WebSocketConstructor } from "./adapters/websocket/dialBrowser.js";
export { downloadAllToBlobs } from "./assembly/browser/downloadAllToBlobs.js";
export type {
  BlobListEntry,
  BlobListEntryWithOptions,
  DownloadAllToBlobsOptions,
} from "./assembly/browser/downloadAllToBlobs.js";
export { downloadAllToOpfs } from "./assembly/browser/downloadAllToOpfs.js";
export type {
  DownloadAllToOpfsOptions,
  OpfsListEntry,
  OpfsListEntryWithOptions,
} from "./assembly/browser/downloadAllToOpfs.js";
export { downloadToBlob } from "./assembly/browser/downloadToBlob.js";
export type { BlobEvent, DownloadToBlobOptions } from "./assembly/browser/downloadToBlob.js";
export { downloadToOpfs } from "./assembly/browser/downloadToOpfs.js";
export type { DownloadToOpfsOptions, OpfsEvent } from "./assembly/browser/downloadToOpfs.js";
export type { PageDownloadOptions } from "./assembly/browser/PageDownloadOptions.js";
export type { PageSource } from "./assembly/browser/pageSources.js";
export { serveWhile } from "./assembly/browser/serveWhile.js";
export type { PageServeOptions } from "./assembly/browser/serveWhile.js";
export type { DownloadList } from "./assembly/list/DownloadList.js";
export type { FileOutcome, ListedFile, ListEvent, ListTotal, ResultOf } from "./assembly/list/ListEvent.js";
export type { FileSelection } from "./discovery/selectFiles.js";
export type { Account } from "./download/Account.js";
export { describeEvent } from "./download/describeEvent.js";
export type { DownloadConfig } from "./download/DownloadConfig.js";
export type { DownloadEvent, DownloadEventOf, DownloadEventType, DownloadEventWith } from "./download/DownloadEvent.js";
export { initialState, percentOf } from "./download/DownloadState.js";
export type { DownloadPhase, DownloadState, OpenChunk, PeerRow, RecentLine } from "./download/DownloadState.js";
export { ofType } from "./download/ofType.js";
export { reduce } from "./download/reduce.js";
export { DownloadError } from "./errors/DownloadError.js";
export { isTransientError } from "./errors/isTransientError.js";
export type { DownloadErrorCode } from "./errors/verdicts.js";
export type { Address } from "./protocol/Address.js";
export type { Tokens } from "./protocol/findToken.js";
export type { SeederEvent } from "./seeder/SeederEvent.js";
export { SharedFiles } from "./seeder/SharedFiles.js";
export type { ServeLimits } from "./tools/serveLimits.js";
