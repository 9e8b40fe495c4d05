// What the command line takes besides the doors. No program can import this file: the package does not name it.
export { readTextFile } from "./adapters/node/readTextFile.js";
export type { ReadTextFileOptions } from "./adapters/node/readTextFile.js";
export { cataloguePath } from "./adapters/node/userCatalogue.js";
export { retryRanges } from "./download/RetryConfig.js";
export { formatDuration } from "./errors/formatDuration.js";
export { printable } from "./errors/printable.js";
export { hashName } from "./manifest/HashType.js";
export { safeFileName } from "./manifest/fileName.js";
export { peekManager } from "./adapters/node/managerFile.js";
export { managerPath } from "./assembly/node/manageDownloads.js";
export { connectControl } from "./control/connectControl.js";
export type { AnswerTo, ControlAsk, ControlConnection } from "./control/connectControl.js";
export { controlPath } from "./control/control.js";
export { WatchedDownloads } from "./control/WatchedDownloads.js";
export { daemonFile, readDaemonFile } from "./daemon/daemonFile.js";
export type { DaemonAddress } from "./daemon/daemonFile.js";
export { serveDaemon } from "./daemon/serveDaemon.js";
export type { DaemonEvent } from "./daemon/serveDaemon.js";
