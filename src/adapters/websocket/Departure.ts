import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { catchError, defer, finalize, type Observable, switchMap, tap, throwError } from "rxjs";
import { codeOf } from "../../errors/codeOf.js";
import { isLoopback } from "../network/isLoopback.js";

/** How a socket is bound before it is dialled. */
export interface Bound {
  readonly localAddress: string;
  readonly family: 4 | 6;
}

/** Errors of a socket that came to nobody. Not among them is one that was told by a status, or by a certificate. */
const unreached = new Set(["CONNECTION_LOST", "CONNECTION_REFUSED", "HOST_NOT_FOUND", "NETWORK_DOWN", "TIMEOUT"]);

/**
 * The address from which sockets are dialled where this machine serves at one of its addresses alone: peers tell others of the address that they see, and at
 * another one nobody would get in. A peer of the other family, or on the other side of loopback, is dialled as ever; so is one that is not reached from there,
 * as from one network of several.
 */
export class Departure {
  readonly #address: () => string | undefined;
  /** Hosts whose last dial from the address came to nobody. */
  readonly #outOfReach = new Set<string>();

  /** @param address the one that is served at now, if it is one alone */
  constructor(address: () => string | undefined) {
    this.#address = address;
  }

  /** Dials a host from the address where that leads there, or as the system likes. */
  dial<T>(host: string, by: (bound?: Bound) => Observable<T>): Observable<T> {
    return defer(() => this.#to(host)).pipe(
      switchMap((bound) => {
        if (bound === undefined) return this.#noted(host, by());
        return this.#noted(host, by(bound), bound).pipe(
          catchError((error: unknown) => (isUnreached(error) ? this.#noted(host, by()) : throwError(() => error))),
        );
      }),
    );
  }

  async #to(host: string): Promise<Bound | undefined> {
    const localAddress = this.#address();
    if (localAddress === undefined || this.#outOfReach.has(host)) return undefined;
    const family = isIP(localAddress) === 6 ? 6 : 4;
    const address = isIP(host) === 0 ? await addressOf(host, family) : host;
    const isNear = isIP(address) === family && isLoopback(address) === isLoopback(localAddress);
    return isNear ? { localAddress, family } : undefined;
  }

  /** A dial whose socket is not opened, also when it is given up: the next one goes the other way. */
  #noted<T>(host: string, dialled: Observable<T>, bound?: Bound): Observable<T> {
    return defer(() => {
      let isReached = false;
      return dialled.pipe(
        tap({ next: () => (isReached = true), error: (error: unknown) => (isReached ||= !isUnreached(error)) }),
        finalize(() => {
          if (isReached) return;
          if (bound === undefined) this.#outOfReach.delete(host);
          else this.#outOfReach.add(host);
        }),
      );
    });
  }
}

const isUnreached = (error: unknown): boolean => unreached.has(codeOf(error));

/** An address of a name; empty where it has none of that family. */
async function addressOf(name: string, family: 4 | 6): Promise<string> {
  return lookup(name, { family }).then(
    ({ address }) => address,
    () => "",
  );
}
