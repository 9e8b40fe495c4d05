/** A seeder in a process of its own, with a fault on request. Tells its parent the link, and what it has served. */
import type { ByteSource, Seeder, ServerEvent } from "rx-tributary/node";
import { createSeeder, fileSource, serveWebSocket } from "rx-tributary/node";
import { switchMap } from "rxjs";
import { busyFor, corrupting, droppingEvery, failingOneIn, stallingAfter } from "./faults.js";

/** What the parent asks for, as JSON in the first argument. */
export interface SeederOrder {
  readonly file: string;
  readonly host: string;
  readonly port?: number;
  readonly token?: string;
  readonly chunkSize?: number;
  /** Bytes a second. */
  readonly rate?: number;
  readonly corrupt?: boolean;
  readonly busyMs?: number;
  readonly failOneIn?: number;
  readonly dropEveryBytes?: number;
  readonly stallAfterBytes?: number;
}

/** What the parent hears. */
export type SeederReport = { readonly link: string } | Served;

/** What a seeder has done so far. */
export interface Served {
  /** Payload bytes handed to the transport. */
  readonly servedBytes: number;
  /** Requests for bytes that were answered, whole or not. */
  readonly requests: number;
  /** Clients that are connected now. */
  readonly connections: number;
  /** Clients that were let in, ever. */
  readonly dials: number;
  /** Handshakes that were refused. */
  readonly refused: number;
}

const order = JSON.parse(process.argv[2] ?? "{}") as SeederOrder;
const { file, host, port, token, chunkSize, rate, corrupt, busyMs, failOneIn, dropEveryBytes, stallAfterBytes } = order;

function misbehave(source: ByteSource): ByteSource {
  if (corrupt) return corrupting(source);
  if (busyMs !== undefined) return busyFor(busyMs, source);
  if (failOneIn !== undefined) return failingOneIn(failOneIn, source);
  return source;
}

function drop(seeder: Seeder): Seeder {
  if (stallAfterBytes !== undefined) {
    return { ...seeder, accept: (connection) => seeder.accept(stallingAfter(stallAfterBytes, connection)) };
  }
  if (dropEveryBytes === undefined) return seeder;
  return { ...seeder, accept: (connection) => seeder.accept(droppingEvery(dropEveryBytes, connection)) };
}

const served = { servedBytes: 0, requests: 0, connections: 0, dials: 0, refused: 0 };
const report = (message: SeederReport): void => void process.send?.(message);

/** Whether the event changed what is reported. */
function count(event: ServerEvent): boolean {
  if (event.type === "chunk-served") {
    served.requests += 1;
    served.servedBytes += event.bytes;
  } else if (event.type === "connection-opened") {
    served.connections += 1;
    served.dials += 1;
  } else if (event.type === "connection-closed") served.connections -= 1;
  else if (event.type === "handshake-refused") served.refused += 1;
  else return false;
  return true;
}

process.on("disconnect", () => process.exit());

fileSource(file, chunkSize === undefined ? {} : { chunkSize })
  .pipe(
    switchMap((source) => {
      const { root } = source.manifest;
      const rated = rate === undefined ? {} : { limitRateBytesPerSecond: rate };
      const seeder = drop(createSeeder(new Map([[root, misbehave(source)]]), rated));
      const server = { host, ...(port !== undefined && { port }), ...(token !== undefined && { token }) };
      return serveWebSocket(seeder, server).pipe(
        switchMap((event) => {
          if (event.type === "listening") report({ link: `${event.url}/${root}` });
          else if (count(event)) report(served);
          return [];
        }),
      );
    }),
  )
  .subscribe();
