/** Path of the WebSocket of the daemon. */
export const controlPath = "/control";

/** The version in `hello`. Keys that are added do not change it. */
export const controlVersion = 1;

/** Shortest time between two `update` messages to a client, ms. */
export const updateEveryMs = 100;

/** The code with which a daemon that ends closes its connections. */
export const endedCode = 1001;

/** Bytes that a message of a client may have: a list of some thousand addresses. */
export const maxRequestBytes = 8 * 1024 * 1024;
