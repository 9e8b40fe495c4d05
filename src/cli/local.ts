// Commands that download nothing are one part of the bundle: with a part each, all the code that they share would be cut into more files.
export { manifest } from "./manifest.js";
export { peers } from "./peers.js";
export { stats } from "./stats.js";
export { status } from "./status.js";
export { verify } from "./verify.js";
