import { type Agent, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { codeOfStatus } from "../../errors/codeOfStatus.js";
import { addressOf } from "./addressOf.js";
import type { Asking } from "./dialled.js";
import { proxyHeaders } from "./environmentProxies.js";
import { ProxyRefusal } from "./ProxyRefusal.js";

const timeoutMs = 10_000;

/** Where a tunnel leads. */
export interface Place {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Makes a tunnel, and hands it over, or why there is none, once. Calling what is returned gives it up. */
export type OpenTunnel = (to: Place, done: (way: Socket | Error) => void) => () => void;

interface TunnelParts {
  readonly proxy: URL;
  /** Dials the proxy; one of its own, so that no tunnel begins on a connection that rested. */
  readonly agent: Agent;
  readonly to: Place;
}

/**
 * Asks a proxy for a connection to somewhere else, and hands over that or why there is none, once. A refusal is an error and nothing else: the proxy
 * is not the host that is wanted, and may not speak for it. Calling what is returned gives it up.
 */
export function tunnel({ proxy, agent, to }: TunnelParts, done: (way: Socket | Error) => void): () => void {
  const send = proxy.protocol === "https:" ? requestHttps : requestHttp;
  const path = `${to.host.includes(":") ? `[${to.host}]` : to.host}:${to.port}`;
  const headers = { host: path, ...proxyHeaders(proxy) };
  let drop: (() => void) | undefined;
  const dialling = (how: () => void): void => void (drop = how);
  const options: Asking = { ...addressOf(proxy), agent, method: "CONNECT", path, headers, dialling };
  const asked = send(options);
  const timer = setTimeout(() => asked.destroy(tooLate()), timeoutMs);
  let isDone = false;
  const end = (way: Socket | Error): void => {
    clearTimeout(timer);
    if (!isDone) done(way);
    isDone = true;
  };
  asked.on("connect", ({ statusCode = 0 }, socket: Socket, early: Buffer) => {
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      end(new ProxyRefusal(codeOfStatus(statusCode), `the proxy answered with HTTP ${statusCode}`));
      return;
    }
    socket.unshift(early);
    end(socket);
  });
  asked.on("error", end);
  asked.on("close", () => end(new Error("the proxy closed the connection")));
  asked.end();
  return () => {
    asked.destroy();
    drop?.();
  };
}

function tooLate(): Error {
  return Object.assign(new Error(`no way through the proxy within ${timeoutMs / 1000} s`), { code: "ETIMEDOUT" });
}
