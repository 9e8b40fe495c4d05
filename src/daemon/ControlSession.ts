import { isAbsolute } from "node:path";
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  finalize,
  first,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  Subject,
  switchMap,
  tap,
  throttleTime,
} from "rxjs";
import type { DownloadManager } from "../assembly/manager/DownloadManager.js";
import type { ManagerEvent } from "../assembly/manager/ManagerEvent.js";
import { controlVersion, updateEveryMs } from "../control/control.js";
import { decodeRequest, encodeControl, errorAnswer } from "../control/controlCodec.js";
import type { ControlAnswer, ControlRequest } from "../control/messages.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { Watch } from "./Watch.js";

/** Bytes that may wait in a socket. Above that what is watched is dropped, to be told as it is then, and the client is not heard. */
const highWaterBytes = 1024 * 1024;

/** Requests of a client that may wait for the disk. */
const mostAtOnce = 64;

/** The other end of a connection. */
export interface SessionSocket {
  readonly waitingBytes: () => number;
  readonly send: (frame: Uint8Array) => void;
  /** Stops and begins again to read from the client. */
  readonly listen: (isListening: boolean) => void;
}

export interface SessionParts {
  readonly manager: DownloadManager;
  readonly events: Observable<ManagerEvent>;
  readonly program: string;
  /** True when the process ends with its downloads, and none comes after it. */
  readonly ends: boolean;
  /** A new link of the page, which is good once. */
  readonly link: () => string;
  /** Ends the daemon. */
  readonly stop: () => void;
  readonly scheduler: SchedulerLike;
}

type Asked = Exclude<ControlRequest, { readonly type: "hello" }>;

/**
 * One client: its requests are answered, and what it watches is told, so many times a second at most. A client that asks and does not read is not heard until
 * it has read, so that what it costs is bounded: what may wait in its socket, one answer, and the requests that were read already.
 */
export class ControlSession {
  readonly #parts: SessionParts;
  readonly #socket: SessionSocket;
  readonly #watch: Watch;
  readonly #due = new Subject<void>();
  readonly #answered = new Subject<void>();
  /** Requests that were obeyed and not answered yet. */
  #answering = 0;
  #isGreeted = false;

  constructor(parts: SessionParts, socket: SessionSocket) {
    this.#parts = parts;
    this.#socket = socket;
    this.#watch = new Watch(parts.manager);
  }

  /** Talks with the client by its frames, until they end; errors with `PROTOCOL_ERROR`, which the client was told, for one that is no message. */
  run(frames: Observable<Uint8Array>): Observable<never> {
    const { events, scheduler, program, ends } = this.#parts;
    const told = events.pipe(tap((event) => this.#watch.take(event) && this.#due.next()));
    const updates = this.#due.pipe(
      throttleTime(updateEveryMs, scheduler, { leading: true, trailing: true }),
      switchMap(() => this.#room()),
      tap(() => this.tell()),
    );
    const answered = frames.pipe(
      map((frame) => this.#read(frame)),
      concatMap((request) => this.#admit(request)),
      // Side by side: one that waits for the disk holds up no other.
      mergeMap((request) => this.#counted(this.#answer(request))),
    );
    const hello = defer(() => {
      this.#send({ type: "hello", version: controlVersion, program, ...(ends && { ends }) });
      return EMPTY;
    });
    return merge(updates, told, answered, hello).pipe(
      catchError((error: unknown) => {
        this.#send(errorAnswer(toDownloadError(error)));
        throw error;
      }),
      ignoreElements(),
    );
  }

  #read(frame: Uint8Array): ControlRequest {
    const request = decodeRequest(frame);
    if (request.type === "hello" && request.version !== controlVersion) {
      const text = `the client speaks version ${request.version} of the control protocol, expected ${controlVersion}`;
      throw new DownloadError("PROTOCOL_ERROR", text);
    }
    if (request.type !== "hello" && !this.#isGreeted)
      throw new DownloadError("PROTOCOL_ERROR", `the first message is "${request.type}", expected "hello"`);
    this.#isGreeted = true;
    return request;
  }

  #answer(request: ControlRequest): Observable<ControlAnswer> {
    if (request.type === "hello") return EMPTY;
    const { id } = request;
    const missing = this.#missing(request);
    if (missing !== undefined)
      return of(errorAnswer({ code: "NO_SUCH_DOWNLOAD", message: `there is no download ${missing} in the list` }, id));
    return defer(() => this.#obey(request)).pipe(
      catchError((error: unknown) => {
        const isWord = error instanceof TypeError || error instanceof RangeError;
        return of(
          errorAnswer(isWord ? { code: "INVALID_REQUEST", message: error.message } : toDownloadError(error), id),
        );
      }),
    );
  }

  /** The first download that a request names and that is not there. */
  #missing(request: Asked): number | undefined {
    const { manager } = this.#parts;
    const chosen = "downloads" in request && request.type !== "add" ? request.downloads : [];
    const named = chosen === "all" ? [] : [...chosen];
    if (request.type === "history") named.push(request.download);
    if (request.type === "move" && typeof request.before === "number") named.push(request.before);
    return named.find((id) => !manager.has(id));
  }

  #obey(request: Asked): Observable<ControlAnswer> {
    const { manager, stop } = this.#parts;
    const { id } = request;
    const done = { type: "done", id } as const;
    const saved = (): Observable<ControlAnswer> => manager.saved().pipe(endWith(done));
    switch (request.type) {
      case "add":
        request.downloads.forEach(({ options }, place) => {
          checkFolder(options.dir, `download ${place + 1} of the request: `);
        });
        return manager.enter(request.downloads).pipe(
          map(({ ids, known }) => ({
            ...{ type: "added", id, downloads: [...ids] },
            ...(known.length > 0 && { known: [...known] }),
          })),
        );
      case "pause":
      case "resume":
      case "retry":
        manager[request.type](request.downloads);
        return saved();
      case "cancel":
      case "remove":
        manager[request.type](request.downloads, request.files);
        return saved();
      case "move":
        manager.move(request.downloads, request);
        return saved();
      case "configure":
        checkFolder(request.settings.dir);
        manager.configure(request.settings);
        return saved();
      case "watch":
        this.#watch.set(request);
        return concat(
          of(done),
          defer(() => {
            this.#due.next();
            return EMPTY;
          }),
        );
      case "history": {
        const { events, whole } = manager.history(request.download, request.chunk);
        return of({ type: "history", id, events: [...events], whole });
      }
      case "statistics":
        return of({ type: "statistics", id, days: [...manager.statistics] });
      case "link":
        return of({ type: "link", id, url: this.#parts.link() });
      case "stop":
        return concat(
          of(done),
          defer(() => {
            stop();
            return EMPTY;
          }),
        );
    }
  }

  /** Emits once, when the socket has room; what is watched is dropped until then. */
  #room(): Observable<unknown> {
    return defer(() => {
      if (this.#hasRoom()) return of(undefined);
      this.#watch.reset();
      return this.#look().pipe(first(() => this.#hasRoom()));
    });
  }

  /** Emits the request when there is room for its answer; nothing more is read until then. */
  #admit(request: ControlRequest): Observable<ControlRequest> {
    const isFree = (): boolean => this.#hasRoom() && this.#answering < mostAtOnce;
    return defer(() => {
      if (isFree()) return of(request);
      this.#socket.listen(false);
      return merge(this.#look(), this.#answered).pipe(
        first(isFree),
        map(() => request),
        finalize(() => this.#socket.listen(true)),
      );
    });
  }

  #counted(answer: Observable<ControlAnswer>): Observable<never> {
    return defer(() => {
      this.#answering += 1;
      return answer.pipe(
        tap((each) => this.#send(each)),
        ignoreElements(),
        finalize(() => {
          this.#answering -= 1;
          this.#answered.next();
        }),
      );
    });
  }

  #hasRoom(): boolean {
    return this.#socket.waitingBytes() <= highWaterBytes;
  }

  #look(): Observable<unknown> {
    return interval(updateEveryMs, this.#parts.scheduler);
  }

  /** Tells the client what has changed of what it watches. */
  tell(): void {
    const update = this.#watch.update(this.#parts.scheduler.now());
    if (update !== undefined) this.#send(update);
  }

  #send(answer: ControlAnswer): void {
    this.#socket.send(encodeControl(answer));
  }
}

/** @throws TypeError for a folder that would be looked for in that of the daemon, which its client does not know */
function checkFolder(dir: string | undefined, where = ""): void {
  if (dir === undefined || isAbsolute(dir)) return;
  throw new TypeError(`${where}the folder is "${dir}"; it must be an absolute path`);
}
