import type { Socket } from "node:net";
import { buildConnector } from "undici";

type DialSocket = (...args: Parameters<buildConnector.connector>) => Socket;

const timeout = 10_000;
/** Node gives an address 250 ms before it tries the host's next one, and gives it up then: too little for far-away hosts. */
const autoSelectFamilyAttemptTimeout = 2000;

/**
 * Dials for undici, which cannot give up a request that has no connection yet: with the socket in hand that can be done.
 */
export class Dialling {
  readonly #dial: DialSocket;
  #last: Socket | undefined;

  constructor(tls: { readonly ca?: string | string[] }) {
    // It returns its socket, which its type does not say.
    this.#dial = buildConnector({ ...tls, timeout, autoSelectFamilyAttemptTimeout }) as DialSocket;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    this.#last = this.#dial(options, callback);
  };

  /** The socket that is dialled for a request while it starts; nothing when one stands ready or a proxy is asked. */
  during(start: () => void): Socket | undefined {
    this.#last = undefined;
    start();
    return this.#last;
  }
}
