import type Bonjour from "bonjour-service";
import { defer, Observable, switchMap } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { notInstalled } from "../../errors/notInstalled.js";
import { GuardedSocket } from "../network/GuardedSocket.js";
import type { ResolvedLanOptions } from "./LanOptions.js";
import { onLink } from "./onLink.js";

/** Kind of the services of seeders: `_tributary._tcp`. */
const type = "tributary";
/** A network in which somebody tells of more is not heard further: each is kept. */
const mostServices = 1000;

/** A seeder, as it tells of itself. */
export interface LanService {
  readonly name: string;
  readonly port: number;
  /** Texts by their names. */
  readonly txt?: unknown;
  /** The address that it spoke from. */
  readonly address?: string | undefined;
}

/** The program's voice in the local network. */
export interface Responder {
  /** Tells of a service; the result takes it back. */
  publish(service: Pick<LanService, "name" | "port"> & { readonly txt: Readonly<Record<string, string>> }): () => void;
  /** Asks for services. Calls back with all that are known when they change; `ask` asks again. */
  browse(changed: (all: readonly LanService[]) => void): { readonly ask: () => void; readonly stop: () => void };
}

/** Opens the port, and emits when it is open; unsubscribing takes back what was told and closes it. Errors with `LOCAL_IO`. */
export function openResponder({ interface: address, port }: ResolvedLanOptions): Observable<Responder> {
  return defer(loadLibrary).pipe(
    switchMap(
      (Library) =>
        new Observable<Responder>((subscriber) => {
          const socket = new GuardedSocket({ hears: onLink, sendsTo: () => true, isShared: true });
          const voice = new Voice();
          socket.once("error", ({ message }: Error) => {
            const text = `UDP port ${port}, for the local network, cannot be had: ${message}`;
            subscriber.error(new DownloadError("LOCAL_IO", text));
          });
          // To one address it would hear no multicast.
          socket.bind(port, "0.0.0.0", () => {
            const config = { socket, port, bind: false, ...(address !== undefined && { interface: address }) };
            // The library takes the options of its socket for those of a service. What cannot be sent is said again.
            voice.begin(new Library(config, () => undefined));
            socket.emit("listening"); // for the library, which was not there yet
            subscriber.next(voice);
          });
          return () => voice.end(() => socket.close());
        }),
    ),
  );
}

/** Services are taken back by messages: the port is closed when all of these are on their way. */
class Voice implements Responder {
  readonly #takeBack = new Set<() => void>();
  #library: Bonjour | undefined;
  #leaving = 0;
  #whenLeft: (() => void) | undefined;

  begin(library: Bonjour): void {
    this.#library = library;
  }

  end(closed: () => void): void {
    const library = this.#library;
    for (const takeBack of this.#takeBack) takeBack();
    this.#whenLeft = library === undefined ? closed : () => library.destroy();
    this.#left();
  }

  publish: Responder["publish"] = (service) => {
    const host = `${service.name}.local`;
    const published = this.#library?.publish({ ...service, type, host, probe: false });
    const takeBack = (): void => {
      if (!this.#takeBack.delete(takeBack)) return;
      this.#leaving++;
      published?.stop(() => {
        this.#leaving--;
        this.#left();
      });
    };
    this.#takeBack.add(takeBack);
    return takeBack;
  };

  browse: Responder["browse"] = (changed) => {
    const browser = this.#library?.find({ type });
    const tell = (): void => {
      if (browser === undefined) return;
      browser.expire();
      const all = browser.services.map(({ name, port, txt, referer }): LanService => {
        return { name, port, txt, address: referer?.address };
      });
      if (all.length >= mostServices) browser.stop();
      changed(all);
    };
    for (const event of ["up", "down", "txt-update", "srv-update"] as const) browser?.on(event, tell);
    return {
      ask: () => browser?.update(),
      stop: () => {
        browser?.stop();
        browser?.removeAllListeners();
      },
    };
  };

  #left(): void {
    if (this.#leaving > 0) return;
    this.#whenLeft?.();
    this.#whenLeft = undefined;
  }
}

async function loadLibrary(): Promise<typeof Bonjour> {
  try {
    return (await import("bonjour-service")).default;
  } catch (thrown) {
    throw notInstalled("The local network", "bonjour-service", thrown);
  }
}
