import {
  EMPTY,
  filter,
  merge,
  type Observable,
  startWith,
  Subscription,
  switchMap,
  takeUntil,
  throttleTime,
} from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import { packBits } from "../protocol/chunkBits.js";
import { encodeMessage } from "../protocol/codec.js";
import { hasFeature } from "../protocol/features.js";
import type { GetChunk, GetManifest, Hello } from "../protocol/messages.js";
import { toErrorMessage } from "../protocol/peerErrors.js";
import { envelopeBytes } from "../protocol/protocol.js";
import type { Answer } from "./Answer.js";
import type { ByteSource, SourceLookup } from "./ByteSource.js";
import { ChunkAnswer } from "./ChunkAnswer.js";
import { ManifestAnswer } from "./ManifestAnswer.js";
import type { Demand } from "./Demand.js";
import type { Demands } from "./Demands.js";
import type { Outbox } from "./Outbox.js";
import type { ReadAhead } from "./ReadAhead.js";
import type { ResolvedSeederConfig } from "./SeederConfig.js";
import type { SeederEvent } from "./SeederEvent.js";
import type { UploadPace } from "./UploadPace.js";

/** Bounds of the news of what is there, and of what is asked for: a few times a second, and 64 kB of it a second. */
const shortestNewsMs = 250;
const newsChunksPerMs = 512;

export interface RequestsParts {
  readonly sources: SourceLookup;
  readonly demands: Demands;
  readonly config: ResolvedSeederConfig;
  readonly pace: UploadPace;
  readonly outbox: Outbox;
  readonly readAhead: ReadAhead;
  readonly peer: string;
  /** Address of the client, without its port. */
  readonly host: string;
  /** Called when a file is asked for that is here. */
  readonly onInterest: (root: string) => void;
  readonly report: (event: SeederEvent) => void;
}

/** `chunk` is there when file bytes were asked for. */
interface Asked {
  readonly answer: Answer;
  readonly chunk?: AskedChunk;
}

interface AskedChunk {
  readonly request: GetChunk;
  readonly answer: ChunkAnswer;
  /** True of all bytes of a chunk. */
  readonly isAll: boolean;
  /** Tells those who share the file that the answer has ended, and whether all of the chunk went out. */
  readonly ended?: ((isWhole: boolean) => void) | undefined;
}

/** The requests of one client that are being answered. */
export class Requests {
  readonly #parts: RequestsParts;
  readonly #asked = new Map<number, Asked>();
  /** Cancelled, and still reading: they hold their slots. */
  readonly #leaving = new Set<Answer>();
  readonly #interests = new Set<string>();
  /** The demand for each file that the client shares with others. */
  readonly #demands = new Map<string, Demand>();
  readonly #owned = new Subscription();

  constructor(parts: RequestsParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#asked.size === 0;
  }

  /** Tells whether a request with this id is being answered. */
  has(id: number): boolean {
    return this.#asked.has(id);
  }

  /** Starts to answer a request; what cannot be answered is told to the client. */
  ask(request: GetChunk | GetManifest, client: Hello): void {
    const { config, outbox, sources } = this.#parts;
    try {
      if (this.#asked.size + this.#leaving.size >= config.maxRequests) {
        const retryAfterMs = config.busyRetryAfterMs;
        throw new DownloadError("PEER_BUSY", `more than ${config.maxRequests} requests at a time`, { retryAfterMs });
      }
      const source = sources.get(request.root);
      if (source === undefined) throw new DownloadError("FILE_NOT_FOUND", `no file ${request.root} here`);
      this.#interest(request.root, source, client);
      const { frameBytes } = client.limits;
      const asked =
        request.type === "get-manifest"
          ? { answer: manifestAnswer(request, source, frameBytes) }
          : this.#chunkAsked(request, source, frameBytes);
      this.#asked.set(request.id, asked);
      outbox.add(asked.answer);
    } catch (error) {
      const message = toErrorMessage(error, request.id);
      this.#refused(message);
      outbox.reply(encodeMessage(message));
    }
  }

  cancel(id: number): void {
    const asked = this.#asked.get(id);
    // The cancel may have crossed the last frame of its answer.
    if (asked === undefined) return;
    this.#asked.delete(id);
    this.#parts.outbox.remove(asked.answer);
    if (asked.chunk?.answer.reading === true) this.#leaving.add(asked.answer);
    this.#account(asked);
  }

  /** The last frame of an answer went out. */
  finished({ id }: Answer): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked !== undefined) this.#account(asked);
  }

  /** Forgets all requests, after telling what was served of them. */
  close(): void {
    this.#owned.unsubscribe();
    for (const asked of this.#asked.values()) this.#account(asked);
    this.#asked.clear();
    for (const root of this.#demands.keys()) this.#parts.demands.leave(root);
    this.#demands.clear();
  }

  #chunkAsked(request: GetChunk, source: ByteSource, clientFrameBytes: number): Asked {
    const count = chunkCount(source.manifest);
    if (request.index >= count) {
      throw new DownloadError("INVALID_CHUNK", `no chunk ${request.index}: the file has ${count} chunks`);
    }
    const chunk = chunkAt(source.manifest, request.index);
    const end = request.offset + request.length;
    if (end > chunk.length) {
      const asked = `bytes ${request.offset} to ${end} of chunk ${chunk.index}`;
      throw new DownloadError("INVALID_CHUNK", `${asked}, which has ${chunk.length} bytes`);
    }
    if (source.has?.(chunk.index) === false) {
      throw new DownloadError("CHUNK_NOT_AVAILABLE", `chunk ${chunk.index} is not here`);
    }
    const { pace, readAhead, outbox } = this.#parts;
    const answer: ChunkAnswer = new ChunkAnswer({
      request,
      source,
      position: chunk.offset + request.offset,
      frameBytes: () => Math.min(pace.frameBytes, clientFrameBytes - envelopeBytes, request.dataBytes ?? Infinity),
      readAhead,
      onReady: () => {
        this.#leaving.delete(answer);
        outbox.pump();
      },
    });
    const shares = this.#demands.has(request.root);
    const ended = this.#parts.demands.of(request.root)?.began(request.index, this.#parts.host, shares);
    return { answer, chunk: { request, answer, isAll: request.length === chunk.length, ended } };
  }

  /** The first request for a file makes the client hear what is there, and what others come for, then and whenever it changes. */
  #interest(root: string, source: ByteSource, client: Hello): void {
    if (this.#interests.has(root)) return;
    this.#interests.add(root);
    this.#parts.onInterest(root);
    const tell = (key: string, encode: () => Uint8Array) => () => this.#parts.outbox.notify(`${key} ${root}`, encode);
    const have = tell("have", () => encodeHave(root, source, this.#sourceOf(root)));
    have();
    this.#follow(source, this.#changesOf(root, source), have);
    if (!hasFeature(client, "asked")) return;
    const demand = this.#parts.demands.enter(root);
    this.#demands.set(root, demand);
    const asked = tell("asked", () => encodeAsked(root, source, demand));
    this.#follow(source, demand.changes.pipe(filter(() => demand.clients > 1)), asked);
  }

  /** Emits when something else is there of a file: more of it, or it has another source, as when a download was paused and resumed, or none. */
  #changesOf(root: string, first: ByteSource): Observable<unknown> {
    const { changed = EMPTY } = this.#parts.sources;
    const others = changed.pipe(filter((other) => other === root));
    const later = others.pipe(switchMap(() => (this.#sourceOf(root)?.changes ?? EMPTY).pipe(startWith(undefined))));
    return merge((first.changes ?? EMPTY).pipe(takeUntil(others)), later);
  }

  /** The source of a file; `undefined` for one that is not here, or not yet. */
  #sourceOf(root: string): ByteSource | undefined {
    try {
      return this.#parts.sources.get(root);
    } catch {
      return undefined;
    }
  }

  /** Tells news now and then. */
  #follow(source: ByteSource, changes: Observable<unknown> | undefined, tell: () => void): void {
    const { scheduler } = this.#parts.config;
    this.#owned.add(
      changes?.pipe(throttleTime(newsEveryMs(source), scheduler, { leading: true, trailing: true })).subscribe({
        next: tell,
        // The chunks that are there can no longer be told; requests still find out one by one.
        error: (error: unknown) => this.#refused(toErrorMessage(error)),
      }),
    );
  }

  #account({ chunk }: Asked): void {
    if (chunk === undefined) return;
    const { answer, isAll, ended } = chunk;
    const { root, index, length } = chunk.request;
    const { peer, report } = this.#parts;
    ended?.(isAll && answer.sent === length);
    if (answer.sent > 0) {
      report({ type: "chunk-served", peer, root, index, bytes: answer.sent, whole: answer.sent === length });
    }
    if (answer.failure !== undefined) this.#refused(toErrorMessage(answer.failure));
  }

  #refused({ code, message }: { readonly code: string; readonly message: string }): void {
    this.#parts.report({ type: "request-refused", peer: this.#parts.peer, code, message });
  }
}

function manifestAnswer(request: GetManifest, { manifest }: ByteSource, clientFrameBytes: number): ManifestAnswer {
  const count = chunkCount(manifest);
  if (request.from > 0 && request.from >= count) {
    throw new DownloadError("INVALID_CHUNK", `no digest ${request.from}: the file has ${count} chunks`);
  }
  return new ManifestAnswer(request, manifest, clientFrameBytes);
}

/** The time between two messages of what is there, or asked for: a file of many chunks, whose message is long, is told of less often. */
function newsEveryMs({ manifest }: ByteSource): number {
  return Math.max(shortestNewsMs, chunkCount(manifest) / newsChunksPerMs);
}

/** The chunks that are there now, of a file whose source was another one before, or is gone. */
function encodeHave(root: string, { manifest }: ByteSource, now: ByteSource | undefined): Uint8Array {
  if (now !== undefined && now.has === undefined) return encodeMessage({ type: "have", root, whole: true });
  const chunks = packBits(chunkCount(manifest), (chunk) => now?.has?.(chunk) === true);
  return encodeMessage({ type: "have", root, chunks });
}

function encodeAsked(root: string, { manifest }: ByteSource, demand: Demand): Uint8Array {
  const chunks = packBits(chunkCount(manifest), (chunk) => demand.has(chunk));
  return encodeMessage({ type: "asked", root, chunks });
}
