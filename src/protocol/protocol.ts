/** The WebSocket subprotocol that both ends name in the handshake. Another major version is another name. */
export const subprotocol = "tributary.v1";

/** Browsers cannot set headers: they offer the token as a second subprotocol, this and the token in base64url. */
export const bearerSubprotocolPrefix = "tributary.bearer.";

/** The version in `hello`. */
export const protocolVersion = 1;

/** Most payload bytes of one `data` message. */
export const maxDataBytes = 256 * 1024;

/** Least of them that may be asked for: each message costs the server a read. */
export const leastDataBytes = 1024;

/** Most bytes that a message needs besides its payload. */
export const envelopeBytes = 512;

/** Most digests in one `manifest` message. */
export const maxDigestsPerSlice = 4096;

/** Most features that a `hello` may name. */
export const maxFeatures = 16;

/** Most characters of the name of a feature. */
export const longestFeature = 32;

/** Most characters of the nonce of a `hello`. */
export const longestNonce = 64;

/** Most characters of a description (SDP) of one end of a WebRTC connection. */
export const longestDescription = 16 * 1024;

/** Most characters of an ICE candidate. */
export const longestCandidate = 1024;

/** Most clients that one message of those who serve a file tells of. */
export const mostRtcPeers = 32;

/** Most places in one `peers` message. */
export const maxPlaces = 50;

/** Most characters of a place. */
export const longestPlace = 64;

/** Why a connection is closed, as WebSocket close codes (RFC 6455, section 7.4.1, and the IANA registry). */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  /** A message that is not allowed there. */
  protocolError: 1002,
  /** Bytes that are no message. */
  malformed: 1007,
  /** More than the other end's limits allow. */
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  tryAgainLater: 1013,
} as const;
