// What the page takes besides the doors. No program can import this file: the package does not name it.
export type { AddedDownload, AddedOptions } from "./control/AddedDownload.js";
export { ChunkMap, chunkStates } from "./control/ChunkMap.js";
export type { PackedChunkMap } from "./control/ChunkMap.js";
export { connectControl } from "./control/connectControl.js";
export type { AnswerTo, ControlAsk, ControlConnection, ControlSocket } from "./control/connectControl.js";
export { controlPath } from "./control/control.js";
export type { DayStatistics } from "./control/DayStatistics.js";
export { DownloadDetail } from "./control/DownloadDetail.js";
export { downloadStates, priorities } from "./control/DownloadRow.js";
export type { DownloadRow, ManagedState, ManagerTotal, Priority } from "./control/DownloadRow.js";
export type { ManagerSettings, SettingsChange } from "./control/ManagerSettings.js";
export type { DetailUpdate, ListUpdate, Update } from "./control/messages.js";
export { WatchedDownloads } from "./control/WatchedDownloads.js";
export type { WatchedDetail } from "./control/WatchedDownloads.js";
export { retryMeanings } from "./download/retryMeanings.js";
export { retryRanges } from "./download/RetryConfig.js";
