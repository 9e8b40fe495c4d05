import { Subscription, type Subscriber } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import { packBits } from "../protocol/chunkBits.js";
import { decodeClientMessage, encodeMessage } from "../protocol/codec.js";
import { MessageRate } from "../protocol/MessageRate.js";
import type { ClientMessage, GetChunk, GetManifest, Hello } from "../protocol/messages.js";
import { toErrorMessage } from "../protocol/peerErrors.js";
import { closeCodes, envelopeBytes, protocolVersion } from "../protocol/protocol.js";
import type { Answer } from "./Answer.js";
import type { ByteSource, SourceLookup } from "./ByteSource.js";
import { ChunkAnswer } from "./ChunkAnswer.js";
import type { Connection } from "./Connection.js";
import { ManifestAnswer } from "./ManifestAnswer.js";
import { Outbox } from "./Outbox.js";
import { ReadAhead } from "./ReadAhead.js";
import type { ResolvedSeederConfig } from "./SeederConfig.js";
import type { SeederEvent } from "./SeederEvent.js";
import type { UploadPace } from "./UploadPace.js";

type Asked = { readonly answer: Answer; readonly request: GetChunk | GetManifest };

/** One client from hello to goodbye. */
export class Session {
  readonly #sources: SourceLookup;
  readonly #connection: Connection;
  readonly #config: ResolvedSeederConfig;
  readonly #pace: UploadPace;
  readonly #events: Subscriber<SeederEvent>;
  readonly #readAhead: ReadAhead;
  readonly #outbox: Outbox;
  readonly #rate: MessageRate;
  readonly #asked = new Map<number, Asked>();
  readonly #interests = new Set<string>();
  readonly #owned = new Subscription();
  #clientFrameBytes: number | undefined;
  #ended = false;

  constructor(
    sources: SourceLookup,
    connection: Connection,
    parts: { config: ResolvedSeederConfig; pace: UploadPace; events: Subscriber<SeederEvent> },
  ) {
    this.#sources = sources;
    this.#connection = connection;
    this.#config = parts.config;
    this.#pace = parts.pace;
    this.#events = parts.events;
    this.#readAhead = new ReadAhead(parts.config.readAheadBytes);
    this.#rate = new MessageRate(parts.config.maxMessagesPerSecond, parts.config.scheduler);
    this.#outbox = new Outbox({
      connection,
      readAhead: this.#readAhead,
      pace: parts.pace,
      scheduler: parts.config.scheduler,
      onFinished: (answer) => this.#finished(answer),
      onBroken: (error) => this.#end(error instanceof Error ? error.message : String(error)),
    });
  }

  start(): void {
    const { maxFrameBytes, maxRequests, helloTimeoutMs, scheduler } = this.#config;
    this.#events.next({ type: "connection-opened", peer: this.#connection.address });
    const limits = { frameBytes: maxFrameBytes, requests: maxRequests };
    this.#outbox.reply(encodeMessage({ type: "hello", version: protocolVersion, limits }));
    this.#owned.add(
      scheduler.schedule(() => {
        if (this.#clientFrameBytes !== undefined) return;
        this.#refuse(closeCodes.protocolError, broken(`no hello within ${helloTimeoutMs} ms`));
      }, helloTimeoutMs),
    );
    this.#owned.add(
      this.#connection.frames.subscribe({
        next: (frame) => this.#receive(frame),
        error: (error: unknown) => this.#end(error instanceof Error ? error.message : String(error)),
        complete: () => this.#end(),
      }),
    );
  }

  /** Stops everything at once and closes the connection. */
  stop(): void {
    if (this.#ended) return;
    this.#connection.close(closeCodes.goingAway, "the seeder stops");
    this.#end("the seeder stops");
  }

  #receive(frame: Uint8Array): void {
    if (this.#ended) return;
    if (frame.length > this.#config.maxFrameBytes) {
      const sizes = `a message of ${frame.length} bytes, expected at most ${this.#config.maxFrameBytes}`;
      this.#refuse(closeCodes.tooBig, broken(sizes));
      return;
    }
    if (this.#rate.exceeded()) {
      const flood = `more than ${this.#config.maxMessagesPerSecond} messages a second`;
      const retryAfterMs = this.#config.busyRetryAfterMs;
      this.#refuse(closeCodes.tryAgainLater, new DownloadError("RATE_LIMITED", flood, { retryAfterMs }));
      return;
    }
    let message: ClientMessage;
    try {
      message = decodeClientMessage(frame);
    } catch (error) {
      this.#refuse(closeCodes.malformed, error);
      return;
    }
    this.#handle(message);
  }

  #handle(message: ClientMessage): void {
    if (message.type === "hello") {
      this.#greet(message);
      return;
    }
    if (this.#clientFrameBytes === undefined) {
      this.#refuse(closeCodes.protocolError, broken(`${message.type} before hello`));
      return;
    }
    if (message.type === "cancel") {
      this.#cancel(message.id);
      return;
    }
    if (this.#asked.has(message.id)) {
      this.#refuse(closeCodes.protocolError, broken(`request id ${message.id} is still in use`));
      return;
    }
    this.#ask(message, this.#clientFrameBytes);
  }

  #greet(hello: Hello): void {
    if (this.#clientFrameBytes !== undefined) {
      this.#refuse(closeCodes.protocolError, broken("a second hello"));
      return;
    }
    if (hello.version !== protocolVersion) {
      const versions = `version ${hello.version}, expected ${protocolVersion}`;
      this.#refuse(closeCodes.protocolError, broken(versions));
      return;
    }
    this.#clientFrameBytes = hello.limits.frameBytes;
  }

  #cancel(id: number): void {
    const asked = this.#asked.get(id);
    // It may have crossed the last frame of its answer.
    if (asked === undefined) return;
    this.#asked.delete(id);
    this.#outbox.remove(asked.answer);
    this.#account(asked);
  }

  #ask(request: GetChunk | GetManifest, clientFrameBytes: number): void {
    const { maxRequests, busyRetryAfterMs } = this.#config;
    try {
      if (this.#asked.size >= maxRequests) {
        throw new DownloadError("PEER_BUSY", `more than ${maxRequests} requests at a time`, {
          retryAfterMs: busyRetryAfterMs,
        });
      }
      const source = this.#sources.get(request.root);
      if (source === undefined) throw new DownloadError("FILE_NOT_FOUND", `no file ${request.root} here`);
      this.#interest(request.root, source);
      const answer =
        request.type === "get-manifest"
          ? manifestAnswer(request, source, clientFrameBytes)
          : this.#chunkAnswer(request, source, clientFrameBytes);
      this.#asked.set(request.id, { answer, request });
      this.#outbox.add(answer);
    } catch (error) {
      this.#deny(error, request.id);
    }
  }

  #chunkAnswer(request: GetChunk, source: ByteSource, clientFrameBytes: number): Answer {
    const count = chunkCount(source.manifest);
    if (request.index >= count) {
      throw new DownloadError("INVALID_CHUNK", `no chunk ${request.index}: the file has ${count} chunks`);
    }
    const chunk = chunkAt(source.manifest, request.index);
    if (request.offset + request.length > chunk.length) {
      const asked = `bytes ${request.offset} to ${request.offset + request.length} of chunk ${chunk.index}`;
      throw new DownloadError("INVALID_CHUNK", `${asked}, which has ${chunk.length} bytes`);
    }
    if (source.has?.(chunk.index) === false) {
      throw new DownloadError("CHUNK_NOT_AVAILABLE", `chunk ${chunk.index} is not here`);
    }
    return new ChunkAnswer({
      request,
      source,
      position: chunk.offset + request.offset,
      frameBytes: Math.min(this.#pace.frameBytes, clientFrameBytes - envelopeBytes),
      readAhead: this.#readAhead,
      onReady: () => this.#outbox.pump(),
    });
  }

  /** The first request for a file makes the client hear what is there, then and whenever it changes. */
  #interest(root: string, source: ByteSource): void {
    if (this.#interests.has(root)) return;
    this.#interests.add(root);
    const tell = () => this.#outbox.notify(root, () => encodeHave(root, source));
    tell();
    this.#owned.add(
      source.changes?.subscribe({
        next: tell,
        // What is there can no longer be told; requests still find out one by one.
        error: (error: unknown) => this.#report(toErrorMessage(error)),
      }),
    );
  }

  #deny(error: unknown, id: number): void {
    const message = toErrorMessage(error, id);
    this.#report(message);
    this.#outbox.reply(encodeMessage(message));
    if (this.#outbox.queuedReplies > this.#config.maxQueuedReplies) {
      const waiting = `more than ${this.#config.maxQueuedReplies} answers wait to be read`;
      this.#refuse(closeCodes.policy, new DownloadError("PEER_REJECTED", waiting));
    }
  }

  #finished(answer: Answer): void {
    const asked = this.#asked.get(answer.id);
    this.#asked.delete(answer.id);
    if (asked !== undefined) this.#account(asked);
  }

  #account({ answer, request }: Asked): void {
    if (!(answer instanceof ChunkAnswer) || request.type !== "get-chunk") return;
    const { root, index, length } = request;
    const peer = this.#connection.address;
    if (answer.sent > 0) {
      const whole = answer.sent === length;
      this.#events.next({ type: "chunk-served", peer, root, index, bytes: answer.sent, whole });
    }
    if (answer.failure !== undefined) this.#report(toErrorMessage(answer.failure));
  }

  #report({ code, message }: { code: string; message: string }): void {
    this.#events.next({ type: "request-refused", peer: this.#connection.address, code, message });
  }

  /** Says why and hangs up. */
  #refuse(code: number, error: unknown): void {
    const message = toErrorMessage(error);
    // A transport that is broken already cannot be told anything, and is closed next.
    this.#connection.send(encodeMessage(message)).subscribe({ error: () => undefined });
    this.#connection.close(code, message.message.slice(0, 100));
    this.#end(message.message);
  }

  #end(reason?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outbox.close();
    for (const asked of this.#asked.values()) this.#account(asked);
    this.#asked.clear();
    this.#owned.unsubscribe();
    const peer = this.#connection.address;
    this.#events.next({ type: "connection-closed", peer, ...(reason === undefined ? {} : { reason }) });
    this.#events.complete();
  }
}

function manifestAnswer(request: GetManifest, { manifest }: ByteSource, clientFrameBytes: number): Answer {
  const count = chunkCount(manifest);
  if (request.from > 0 && request.from >= count) {
    throw new DownloadError("INVALID_CHUNK", `no digest ${request.from}: the file has ${count} chunks`);
  }
  return new ManifestAnswer(request, manifest, clientFrameBytes);
}

function encodeHave(root: string, source: ByteSource): Uint8Array {
  if (source.has === undefined) return encodeMessage({ type: "have", root, whole: true });
  const chunks = packBits(chunkCount(source.manifest), (chunk) => source.has?.(chunk) ?? true);
  return encodeMessage({ type: "have", root, chunks });
}

function broken(what: string): DownloadError {
  return new DownloadError("PROTOCOL_ERROR", what);
}
