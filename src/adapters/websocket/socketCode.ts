// Code of WebSocket peers, in one file, so that it is loaded in one piece with the first link.
export { WebSocketPeer } from "./WebSocketPeer.js";
export { webSocketPeers } from "./webSocketPeers.js";
