import { Observable, Subject } from "rxjs";
import { decodeServerMessage, encodeMessage } from "../../src/protocol/codec.js";
import type { ClientMessage, ServerMessage } from "../../src/protocol/messages.js";
import type { RemoteAddress } from "../../src/protocol/Scope.js";
import type { Connection } from "../../src/seeder/Connection.js";
import { createSeeder, type Seeder } from "../../src/seeder/createSeeder.js";
import type { SourceLookup } from "../../src/seeder/ByteSource.js";
import type { SeederConfig } from "../../src/seeder/SeederConfig.js";
import type { SeederEvent } from "../../src/seeder/SeederEvent.js";

/** A transport without a network: the test is the client. */
export class MemoryConnection implements Connection {
  readonly address: string;
  readonly remote: RemoteAddress | undefined;
  readonly host: string | undefined;
  isLast = false;
  readonly frames = new Subject<Uint8Array>();
  readonly sent: ServerMessage[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  broken: Error | undefined;
  /** Calls that are owed for payloads that the transport has not written. */
  readonly unwritten: (() => void)[] = [];
  #room = Infinity;
  #roomy: (() => void) | undefined;

  constructor(address = "memory", remote?: RemoteAddress, host?: string) {
    this.address = address;
    this.remote = remote;
    this.host = host;
  }

  /** The transport has room for so many more messages. */
  allow(messages: number): void {
    this.#room = messages;
    const roomy = this.#roomy;
    this.#roomy = undefined;
    if (this.#room > 0) roomy?.();
  }

  send(frame: Uint8Array, payload = new Uint8Array(0), onWritten?: () => void): Observable<never> {
    return new Observable((subscriber) => {
      if (this.broken !== undefined) {
        subscriber.error(this.broken);
        return;
      }
      this.sent.push(decodeServerMessage(Buffer.concat([frame, payload])));
      if (onWritten !== undefined) this.unwritten.push(onWritten);
      this.#room -= 1;
      if (this.#room > 0) subscriber.complete();
      else this.#roomy = () => subscriber.complete();
    });
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }

  say(message: ClientMessage): void {
    this.frames.next(encodeMessage(message));
  }

  hello(frameBytes = 300_000, features?: string[]): void {
    this.say({ type: "hello", version: 1, limits: { frameBytes, requests: 0 }, ...(features && { features }) });
  }

  of<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.sent.filter((message): message is Extract<ServerMessage, { type: T }> => message.type === type);
  }
}

/** A seeder with one client, who said hello already unless told otherwise. */
export function seederWith(sources: SourceLookup, config: SeederConfig = {}, greet = true) {
  return clientOf(createSeeder(sources, config), greet);
}

/** One more client of a seeder. */
export function clientOf(seeder: Seeder, greet = true, address = "memory", host?: string) {
  const connection = new MemoryConnection(address, undefined, host);
  const events: SeederEvent[] = [];
  const subscription = seeder.accept(connection).subscribe((event) => events.push(event));
  if (greet) connection.hello();
  return { connection, events, subscription };
}
