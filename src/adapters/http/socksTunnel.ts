import { connect, type Socket } from "node:net";
import { dialled, dialOptions } from "./dialled.js";
import { ProxyRefusal } from "./ProxyRefusal.js";
import type { Place } from "./tunnel.js";

const usualPort = 1080;

/** Asks a SOCKS proxy for a connection to somewhere else, and hands over that or why there is none, once. Calling what is returned gives it up. */
export function socksTunnel(proxy: URL, to: Place, done: (way: Socket | Error) => void): () => void {
  const host = proxy.hostname.replace(/^\[|\]$/g, "");
  const port = Number(proxy.port || usualPort);
  const socket = connect({ ...dialOptions, host, port });
  let isDone = false;
  const end = (way: Socket | Error): void => {
    if (isDone) return;
    isDone = true;
    done(way);
  };
  socket.on("error", end);
  socket.on("close", () => end(new ProxyRefusal("CONNECTION_LOST", "the proxy closed the connection")));
  dialled(socket, "connect").once("connect", () => {
    // Few have such a proxy: what speaks to it is read when it is needed.
    const handshake = import("./socksHandshake.js").then(({ socksHandshake }) => socksHandshake(proxy, to, socket));
    handshake.then(
      () => end(socket),
      (error: unknown) => {
        end(error as Error);
        socket.destroy();
      },
    );
  });
  return () => socket.destroy();
}
