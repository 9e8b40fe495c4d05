import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Observable, type Subscriber } from "rxjs";
import { isPrivateAddress } from "../network/isPrivate.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { contentLength } from "./contentLength.js";
import type { Asking } from "./dialled.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";
import { isSpent } from "./isSpent.js";
import { nodeHttpError } from "./nodeHttpError.js";
import type { NodeWays } from "./NodeWays.js";
import { userAgent } from "./userAgent.js";

/**
 * One request and its answer: `SendHttp` by `node:http`, whose bodies may be paused at any time, whatever the connection does meanwhile. `count` is told of
 * the bytes of its body, as they come.
 */
export function exchange(request: HttpRequest, ways: NodeWays, count: (bytes: number) => void): Observable<HttpAnswer> {
  return new Observable((subscriber) => {
    const running = new NodeExchange(request, { ways, count }, subscriber);
    running.start();
    return () => running.leave();
  });
}

class NodeExchange {
  readonly #request: HttpRequest;
  readonly #ways: NodeWays;
  readonly #count: (bytes: number) => void;
  readonly #asker: Subscriber<HttpAnswer>;
  #reader: Subscriber<Uint8Array> | undefined;
  #asked: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  /** Gives up the connection that was dialled for this request. */
  #drop: (() => void) | undefined;
  #isProxied = false;
  /** The end came, or nobody wants it any more. */
  #isOver = false;
  /** Bytes of the body that are still to come, where that is known. */
  #missing: number | undefined;

  constructor(
    request: HttpRequest,
    { ways, count }: { readonly ways: NodeWays; readonly count: (bytes: number) => void },
    asker: Subscriber<HttpAnswer>,
  ) {
    this.#request = request;
    this.#ways = ways;
    this.#count = count;
    this.#asker = asker;
  }

  start(): void {
    const asked = this.#ask();
    this.#asked = asked;
    asked.on("response", (answer) => this.#begin(answer));
    asked.on("upgrade", (_answer, socket) => {
      socket.destroy();
      this.#fail(this.#wrong("PROTOCOL_ERROR", "switched to another protocol, unasked"));
    });
    asked.on("error", (error) => this.#broken(asked, nodeHttpError(this.#request.peer, error)));
    // Not every end of a connection is an error to Node.
    asked.on("close", () => {
      const when = this.#answer === undefined ? "before an answer" : "within its answer (EOF)";
      this.#broken(asked, this.#wrong("CONNECTION_LOST", `closed the connection ${when}`));
    });
    asked.end();
  }

  #ask(): ClientRequest {
    const { url, headers, credentials } = this.#request;
    const { isProxied, ...way } = this.#ways.to(new URL(url));
    this.#isProxied = isProxied;
    const options: Asking = {
      ...way,
      headers: { ...way.headers, "user-agent": userAgent, ...headers, ...credentials },
      insecureHTTPParser: false,
      dialling: (drop) => (this.#drop = drop),
    };
    return way.protocol === "https:" ? requestHttps(options) : requestHttp(options);
  }

  /** The asker has the answer or wants none. */
  leave(): void {
    if (this.#reader === undefined) this.#giveUp();
  }

  #begin(answer: IncomingMessage): void {
    answer.on("error", (error) => {
      if (answer === this.#answer) this.#fail(nodeHttpError(this.#request.peer, error));
    });
    if (this.#isOver) return;
    this.#answer = answer;
    const named = Object.entries(answer.headersDistinct).map(([name, values]) => [name, values?.join(", ")]);
    const headers = Object.fromEntries(named) as HttpAnswer["headers"];
    if (this.#asked?.reusedSocket === true && isSpent({ status: answer.statusCode ?? 0, headers })) {
      this.#startAnew(this.#asked);
      return;
    }
    this.#missing = contentLength(headers);
    const body = new Observable<Uint8Array>((reader) => this.#read(answer, reader));
    const setCookies = answer.headersDistinct["set-cookie"] ?? [];
    const isDirect = !this.#isProxied && answer.httpVersion === "1.1" && this.#asked?.shouldKeepAlive === true;
    const { remoteAddress } = answer.socket;
    const isKnown = !this.#isProxied && remoteAddress !== undefined;
    this.#asker.next({
      ...{ status: answer.statusCode ?? 0, headers, setCookies, url: this.#request.url, isDirect, body },
      ...(isKnown && { isPrivate: isPrivateAddress(remoteAddress) }),
    });
    this.#asker.complete();
  }

  #read(answer: IncomingMessage, reader: Subscriber<Uint8Array>): () => void {
    this.#reader = reader;
    answer.on("data", (bytes: Uint8Array) => {
      if (this.#isOver) return;
      this.#count(bytes.length);
      if (this.#missing !== undefined) this.#missing -= bytes.length;
      reader.next(bytes);
    });
    answer.on("end", () => this.#end(reader));
    reader.add(
      this.#request.paused.subscribe({
        next: (isPaused) => (isPaused ? answer.pause() : answer.resume()),
        error: (error: unknown) => reader.error(toDownloadError(error, { peer: this.#request.peer })),
      }),
    );
    return () => this.#giveUp();
  }

  #end(reader: Subscriber<Uint8Array>): void {
    this.#isOver = true;
    // The connection is free a moment later; a request that is made before then would dial another one.
    process.nextTick(() => reader.complete());
  }

  #broken(asked: ClientRequest, error: DownloadError): void {
    if (this.#isOver || asked !== this.#asked) return;
    // A connection that rested may have been closed by the server while the request was on its way; that says nothing of the request.
    const isStale = asked.reusedSocket && this.#answer === undefined && error.code !== "PROTOCOL_ERROR";
    if (isStale) this.start();
    else this.#fail(error);
  }

  /** On a connection that nobody used before. */
  #startAnew(spent: ClientRequest): void {
    this.#answer = undefined;
    this.#asked = undefined;
    spent.destroy();
    this.#ways.endResting(new URL(this.#request.url).origin);
    this.start();
  }

  #fail(error: DownloadError): void {
    // The end of the connection does not matter when all has come.
    if (this.#isOver || this.#answer?.complete === true) return;
    this.#isOver = true;
    (this.#reader ?? this.#asker).error(error);
  }

  #giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // With its last byte here the connection is as good as new.
    if (this.#missing === 0) {
      this.#answer?.resume();
      return;
    }
    this.#asked?.destroy();
    this.#drop?.();
  }

  #wrong(code: "PROTOCOL_ERROR" | "CONNECTION_LOST", what: string): DownloadError {
    const { peer } = this.#request;
    return new DownloadError(code, `${peer} ${what}`, { peer });
  }
}
