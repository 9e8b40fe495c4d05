// What the command line takes besides the doors. No program can import this file: the package does not name it.
export { readTextFile } from "./adapters/node/readTextFile.js";
export type { ReadTextFileOptions } from "./adapters/node/readTextFile.js";
export { cataloguePath } from "./adapters/node/userCatalogue.js";
export { formatBytes } from "./download/formatBytes.js";
export { retryMeanings } from "./download/retryMeanings.js";
export { retryRanges } from "./download/RetryConfig.js";
export { formatDuration } from "./errors/formatDuration.js";
export { printable } from "./errors/printable.js";
export { hashName } from "./manifest/HashType.js";
export { safeFileName } from "./manifest/fileName.js";
