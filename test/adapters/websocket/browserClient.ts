import { lastValueFrom, toArray } from "rxjs";
import { dialBrowser } from "../../../src/adapters/websocket/dialBrowser.js";
import { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";

// Run with Node's own WebSocket, which is the browser's interface: prints what one chunk brought.
const peer = new WebSocketPeer(process.argv[2] ?? "", { dial: dialBrowser() });
const range = { chunk: 0, offset: 0, length: 600_000, position: 0 };
const pieces = await lastValueFrom(peer.request(range).pipe(toArray()));
const after = new Promise<string>((resolve) => {
  peer
    .request(range)
    .subscribe({ error: (error: unknown) => resolve(error instanceof DownloadError ? error.code : "?") });
});
peer.close();
process.stdout.write(`${Buffer.concat(pieces).length} bytes, then ${await after}\n`);
