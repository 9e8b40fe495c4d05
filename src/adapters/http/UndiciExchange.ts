import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { Observable, type Subscriber } from "rxjs";
import type { Dispatcher } from "undici";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { contentLength } from "./contentLength.js";
import type { Dialling } from "./Dialling.js";
import type { HttpAnswer, HttpRequest } from "./HttpLine.js";
import { undiciError } from "./undiciError.js";
import { userAgent } from "./userAgent.js";

/** One request and its answer: `SendHttp` on an agent of undici. Bytes go from the parser to the reader, without a stream between them. */
export function exchange(agent: Dispatcher, dialling: Dialling, request: HttpRequest): Observable<HttpAnswer> {
  return new Observable((subscriber) => {
    const { origin, pathname, search } = new URL(request.url);
    const headers = { "user-agent": userAgent, ...request.headers, ...request.credentials };
    const handler = new UndiciExchange(request, subscriber, dialling);
    const options = { origin, path: `${pathname}${search}`, method: "GET" as const, headers };
    handler.dialled = dialling.during(handler, () => agent.dispatch(options, handler));
    return () => handler.leave();
  });
}

class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #asker: Subscriber<HttpAnswer>;
  readonly #dialling: Dialling;
  #reader: Subscriber<Uint8Array> | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  /** The end came, or nobody wants it any more. */
  #over = false;
  #held = false;
  /** Bytes of the body that are still to come, where that is known. */
  #missing: number | undefined;
  dialled: Socket | undefined;

  constructor(request: HttpRequest, asker: Subscriber<HttpAnswer>, dialling: Dialling) {
    this.#request = request;
    this.#asker = asker;
    this.#dialling = dialling;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#dialling.served(this);
    if (this.#over) controller.abort(new Error("given up"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Answers below 200 are no answers yet.
    if (this.#over || status < 200) return;
    const named = Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]);
    const answer: HttpAnswer = {
      status,
      headers: Object.fromEntries(named) as HttpAnswer["headers"],
      url: this.#request.url,
      body: new Observable((reader) => this.#read(reader)),
    };
    this.#missing = contentLength(answer.headers);
    this.#asker.next(answer);
    this.#asker.complete();
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    // The parser gives an empty piece each time that it is resumed; a reader that holds after each piece would never get another.
    if (this.#over || bytes.length === 0) return;
    if (this.#missing !== undefined) this.#missing -= bytes.length;
    this.#reader?.next(bytes);
  }

  onResponseEnd(): void {
    // undici finds in a later turn that the connection is free; a request that is made before then would dial another one.
    setImmediate(() => setImmediate(() => this.#end()));
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#reader?.complete();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#dialling.served(this);
    (this.#reader ?? this.#asker).error(undiciError(this.#request.peer, error));
  }

  /** The asker has the answer or wants none. */
  leave(): void {
    if (this.#reader === undefined) this.#drop();
  }

  #read(reader: Subscriber<Uint8Array>): () => void {
    this.#reader = reader;
    reader.add(
      this.#request.hold.subscribe({
        next: (held) => this.#hold(held),
        error: (error: unknown) => reader.error(toDownloadError(error, { peer: this.#request.peer })),
      }),
    );
    return () => this.#drop();
  }

  #hold(held: boolean): void {
    this.#held = held;
    if (held) this.#controller?.pause();
    else this.#resume();
  }

  /** In a turn of its own: it reads what waits at once, and undici takes it amiss when that happens while it reads for another exchange. */
  #resume(): void {
    queueMicrotask(() => {
      if (!this.#held) this.#controller?.resume();
    });
  }

  #drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#dialling.served(this);
    // With its last byte here the connection is as good as new.
    if (this.#missing === 0) {
      this.#hold(false);
      return;
    }
    if (this.#controller === undefined) this.dialled?.destroy(new Error("given up"));
    else this.#controller.abort(new Error("given up"));
  }
}
