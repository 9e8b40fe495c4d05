import { concat, defer, EMPTY, finalize, merge, mergeMap, type Observable, of, Subscription, tap } from "rxjs";
import { checkOptions, checkShape, type OptionShapes } from "../../operators/checkOptions.js";
import { anObservable } from "../../operators/optionShapes.js";
import { type ServerEvent, serveWebSocket } from "../adapters/websocket/serveWebSocket.js";
import type { AnnouncedEvent } from "../seeder/Announcer.js";
import { createSeeder, type Seeder } from "../seeder/createSeeder.js";
import type { SeederEvent } from "../seeder/SeederEvent.js";
import { serveArrivals } from "../seeder/serveArrivals.js";
import { sharedShape } from "../seeder/sharedShape.js";
import type { SharedFiles } from "../seeder/SharedFiles.js";
import { type ServeLimits, serveLimitShapes } from "./serveLimits.js";
import { oneAddress } from "../adapters/network/oneAddress.js";
import { isLoopback } from "../adapters/network/isLoopback.js";
import type { ServeWebSocketConfig } from "../adapters/websocket/ServeWebSocketConfig.js";
import { serveDefaults } from "../adapters/websocket/ServeWebSocketConfig.js";
import type { Door } from "../protocol/PeerExchange.js";
import { placeAndLimits, type ServeFilesOptions, serveShapes } from "./serveOptions.js";
import { serveUntil } from "./serveUntil.js";

export interface ServeWhileOptions extends ServeFilesOptions, ServeLimits {}

const shapes: OptionShapes<ServeWhileOptions> = { ...serveShapes, ...serveLimitShapes };

/**
 * Runs downloads, and serves to others what they have: each chunk from when its digest has proved it, and whole files after the end, until `ratio` or `minutes`
 * is over, whichever comes first; without both until it is unsubscribed.
 *
 *     const shared = new SharedFiles();
 *     serveWhile(downloadFile(link, { shared }), shared, { port: 7000, ratio: 1 }).subscribe((event) => ...)
 *
 * Emits `listening` before the downloads are begun, then what they emit and what happens on the server. Errors as they do, and with `LOCAL_IO` when the port
 * cannot be had. Completes with the downloads where nothing is shared. Unsubscribing leaves the downloads, and closes the server, all connections and all
 * files.
 *
 * @throws TypeError or RangeError at the call for an option that cannot be, as `serveFiles` does.
 */
export function serveWhile<T>(
  downloads: Observable<T>,
  shared: SharedFiles,
  options: ServeWhileOptions = {},
): Observable<T | ServerEvent | AnnouncedEvent> {
  checkShape("downloads", downloads, anObservable("events"));
  checkShape("shared", shared, sharedShape);
  checkOptions("serveWhile", options, shapes);
  const { ratio, minutes, announce } = options;
  const { place, limits } = placeAndLimits(options);
  return defer(() => {
    let opened = Subscription.EMPTY;
    const seeder = createSeeder(shared, limits);
    const server = merge(serveWebSocket(seeder, place), arrivals(seeder, shared, options.token)).pipe(
      tap((event) => {
        // A secret goes to nobody that it was not given for, so whoever heard of the door could not come in.
        if (event.type === "listening" && place.token === undefined)
          opened = shared.servedAt(doorOf(event.port, place));
      }),
      finalize(() => opened.unsubscribe()),
    );
    const both = (events: Observable<ServerEvent>, work: Observable<T>): Observable<T | ServerEvent | AnnouncedEvent> =>
      events.pipe(
        mergeMap((event) => {
          if (event.type !== "listening") return of(event);
          const announced = announce?.(event.port, shared.roots) ?? EMPTY;
          return concat(of(event), merge(announced, work));
        }),
      );
    return serveUntil(shared, { ratio, minutes }, { downloads, server, both });
  });
}

/** Clients that come by another way than the port; none where a token is wanted, which they do not bring. */
function arrivals(seeder: Seeder, shared: SharedFiles, token: string | undefined): Observable<SeederEvent> {
  return token === undefined ? serveArrivals(seeder, shared) : EMPTY;
}

/** The door of a server. One that listens to this machine alone leads nobody else there. */
function doorOf(port: number, { host = serveDefaults.host, tls }: ServeWebSocketConfig): Door {
  return { port, tls: tls !== undefined, scope: isLoopback(host) ? "machine" : "public", address: oneAddress(host) };
}
