// What the page takes besides the doors. No program can import this file: the package does not name it.
export type { AddedDownload } from "./control/AddedDownload.js";
export { ChunkMap, chunkStates } from "./control/ChunkMap.js";
export { connectControl } from "./control/connectControl.js";
export type { AnswerTo, ControlAsk, ControlConnection, ControlSocket } from "./control/connectControl.js";
export { controlPath } from "./control/control.js";
export type { DayStatistics } from "./control/DayStatistics.js";
export { DownloadDetail } from "./control/DownloadDetail.js";
export { priorities } from "./control/DownloadRow.js";
export type { DownloadRow, ManagedState, ManagerTotal, Priority } from "./control/DownloadRow.js";
export type { ManagerSettings } from "./control/ManagerSettings.js";
export { WatchedDownloads } from "./control/WatchedDownloads.js";
export type { WatchedDetail } from "./control/WatchedDownloads.js";
export { formatBytes } from "./download/formatBytes.js";
export { retryMeanings } from "./download/retryMeanings.js";
export { formatDuration } from "./errors/formatDuration.js";
