import type { RequestOptions } from "node:http";
import type { Socket } from "node:net";

const timeoutMs = 10_000;

/** How a request is sent. */
export interface Asking extends RequestOptions {
  /** Told how to give up the connection that is dialled for the request; where one stands ready, nothing. */
  readonly dialling?: (drop: () => void) => void;
  /** Called with what dials, where no connection stands ready: see `MakeRoom`. @default dials at once */
  readonly room?: (dial: () => void) => () => void;
}

/** How every connection is dialled. */
export const dialOptions = {
  // Node gives an address 250 ms before it tries the host's next one, and gives it up then: too little for far-away hosts.
  autoSelectFamilyAttemptTimeout: 2000,
};

/** Dial options for TLS: HTTP/1.1 is the only protocol that is offered. */
export const tlsDialOptions = { ...dialOptions, ALPNProtocols: ["http/1.1"] };

/** How long a connection may rest, milliseconds; less where the server says so. */
export const restMs = 30_000;

/**
 * Looks after a socket from its first moment to its last one: 10 s are given until it can be used, and its errors have a listener whoever has it.
 * `node:http` hears them only while a request is on the socket; one that came before that or after it would end the process.
 */
export function dialled(
  socket: Socket,
  ready: "connect" | "secureConnect",
  { dialling }: Pick<Asking, "dialling"> = {},
): Socket {
  socket.on("error", () => undefined);
  const timer = setTimeout(() => socket.destroy(tooLate()), timeoutMs);
  const stop = () => clearTimeout(timer);
  socket.once(ready, stop);
  socket.once("close", stop);
  dialling?.(() => socket.destroy());
  return socket;
}

function tooLate(): Error {
  return Object.assign(new Error(`no connection within ${timeoutMs / 1000} s`), { code: "ETIMEDOUT" });
}
