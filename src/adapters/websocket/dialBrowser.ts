import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { bearerSubprotocolPrefix, closeCodes, subprotocol } from "../../protocol/protocol.js";
import { closeError } from "./closeError.js";
import type { Dial, Wire } from "./Dial.js";

/** The constructor that browsers have. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocket;

/**
 * Dials with the browser's `WebSocket`. Browsers do not tell why a handshake failed, so a wrong token looks like a closed
 * port (`CONNECTION_REFUSED`, or `NETWORK_DOWN` where the browser says that it is offline); and they cannot pause a socket, so `paused` has no effect.
 */
export function dialBrowser(constructor?: WebSocketConstructor): Dial {
  return ({ url, peer, token }) =>
    new Observable((subscriber) => {
      const protocols = token === undefined ? [subprotocol] : [subprotocol, bearerSubprotocolPrefix + base64Url(token)];
      // Read late: the module must load where there is no such global.
      const socket = new (constructor ?? globalThis.WebSocket)(url, protocols);
      let opened = false;
      socket.binaryType = "arraybuffer";
      socket.addEventListener("open", () => {
        opened = true;
        if (socket.protocol === subprotocol) subscriber.next(browserWire(socket, peer));
        else subscriber.error(new DownloadError("PROTOCOL_ERROR", `${peer} does not speak ${subprotocol}`, { peer }));
      });
      socket.addEventListener("close", ({ code, reason }) => {
        if (opened) return;
        const why = reason === "" ? "" : `: ${reason}`;
        const message = `${peer} cannot be reached, or refused the WebSocket handshake (${code})${why}`;
        // Workers and pages know when there is no network at all; other platforms have no such property.
        const isOffline = (globalThis.navigator as { readonly onLine?: boolean } | undefined)?.onLine === false;
        subscriber.error(new DownloadError(isOffline ? "NETWORK_DOWN" : "CONNECTION_REFUSED", message, { peer }));
      });
      // The event says nothing; `close` follows. Without a listener, implementations outside browsers may throw.
      socket.addEventListener("error", () => undefined);
      return () => socket.close(closeCodes.normal);
    });
}

function browserWire(socket: WebSocket, peer: string): Wire {
  return {
    frames: new Observable((subscriber) => {
      socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) subscriber.next(new Uint8Array(data));
        else subscriber.error(new DownloadError("PROTOCOL_ERROR", `${peer} sent a text message`, { peer }));
      });
      socket.addEventListener("close", ({ code, reason }) => subscriber.error(closeError(peer, code, reason)));
    }),
    unfinishedBytes: 0,
    send: (frame) => socket.send(new Uint8Array(frame)),
    pause: () => undefined,
    resume: () => undefined,
    // Scripts may close with 1000 and 3000 to 4999 only.
    close: (_code, reason) => socket.close(closeCodes.normal, reason),
  };
}

function base64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
