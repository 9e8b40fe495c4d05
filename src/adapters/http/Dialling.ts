import type { Socket } from "node:net";
import { buildConnector } from "undici";

type DialSocket = (...args: Parameters<buildConnector.connector>) => Socket;

const timeout = 10_000;
/** Node gives an address 250 ms before it tries the host's next one, and gives it up then: too little for far-away hosts. */
const autoSelectFamilyAttemptTimeout = 2000;

/**
 * Dials for undici, which gives up a request only once it has a connection, and then dials another one for nobody. So it is told here who waits
 * for a connection: a socket that is dialled can be dropped, and where nobody waits none is dialled. (Ways through a proxy are undici's own.)
 */
export class Dialling {
  readonly #dial: DialSocket;
  readonly #waiting = new Set<object>();
  /** What was dialled since the last request started. */
  #dialled: Socket[] = [];

  constructor(tls: { readonly ca?: string | string[] }) {
    // It returns its socket, which its type does not say.
    this.#dial = buildConnector({ ...tls, timeout, autoSelectFamilyAttemptTimeout }) as DialSocket;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    if (this.#waiting.size === 0) callback(new Error("nobody waits for a connection"), null);
    else this.#dialled.push(this.#dial(options, callback));
  };

  /** Starts a request, and returns the socket that is dialled for it; where one stands ready there is none, and the request waits. */
  during(request: object, start: () => void): Socket | undefined {
    this.#waiting.add(request);
    this.#dialled = [];
    start();
    const [socket] = this.#dialled;
    if (socket !== undefined) this.#waiting.delete(request);
    return socket;
  }

  /** The request has its connection, or needs none any more. */
  served(request: object): void {
    this.#waiting.delete(request);
  }
}
