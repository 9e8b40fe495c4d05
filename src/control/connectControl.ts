import { defer, EMPTY, filter, map, merge, Observable, Subject, take } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { type DownloadErrorCode, verdicts } from "../errors/verdicts.js";
import { controlVersion, endedCode } from "./control.js";
import { decodeAnswer, encodeControl } from "./controlCodec.js";
import type { ControlAnswer, GivenRequest, Update } from "./messages.js";

/** The part of a WebSocket that is used: a browser's own and that of `ws` have it. */
export interface ControlSocket {
  binaryType: string;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

type Asked = Exclude<GivenRequest, { readonly type: "hello" }>;
type WithoutId<Request> = Request extends unknown ? Omit<Request, "id"> : never;

/** A request; its number is given to it when it is sent. */
export type ControlAsk = WithoutId<Asked>;

type Named<Type> = Extract<ControlAnswer, { readonly type: Type }>;

/** The answer to a request of each type. */
export type AnswerTo<Type> = Type extends "add"
  ? Named<"added">
  : Type extends "history" | "statistics" | "link"
    ? Named<Type>
    : Named<"done">;

/** A connection to the daemon on which both have said hello. */
export interface ControlConnection {
  /** Name and version of the daemon's program. */
  readonly program: string;
  /** True when the process ends with its downloads, and no other comes in its place. */
  readonly ends: boolean;
  /** Changes of all that was asked for by `watch`, from the subscription on. */
  readonly updates: Observable<Update>;
  /**
   * Sends a request with each subscription; emits its answer. Errors with a `TypeError` for a request that cannot be, a `RangeError` for a download
   * that is not there, and a `DownloadError` when it fails, or when the connection ends first.
   */
  readonly ask: <const Ask extends ControlAsk>(request: Ask) => Observable<AnswerTo<Ask["type"]>>;
}

/**
 * A connection to the daemon: emits once, when the daemon has said hello, and errors with `CONNECTION_LOST` when it ends, `ENDING` when the daemon does, which
 * then has done nothing of what it has not answered, or `PROTOCOL_ERROR` when the other end is no such daemon, or one of another version. Unsubscribing closes
 * it.
 */
export function connectControl(open: () => ControlSocket): Observable<ControlConnection> {
  return new Observable((subscriber) => {
    const answers = new Subject<ControlAnswer>();
    const socket = open();
    let trouble = "";
    const fail = (error: DownloadError): void => {
      answers.error(error);
      subscriber.error(error);
    };
    let ids = 0;
    const connectionOf = ({ program = "", ends = false }: Named<"hello">): ControlConnection => ({
      ...{ program, ends },
      updates: answers.pipe(filter((answer) => answer.type === "update")),
      ask: (request) =>
        defer(() => {
          const id = (ids = (ids + 1) % 2 ** 32);
          const answer = answers.pipe(
            filter((each) => "id" in each && each.id === id),
            take(1),
            map((each) => answerOf(each)),
          );
          const send = defer(() => {
            socket.send(encodeControl({ ...request, id }) as Uint8Array<ArrayBuffer>);
            return EMPTY;
          });
          return merge(answer, send) as Observable<AnswerTo<(typeof request)["type"]>>;
        }),
    });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      try {
        const answer = decodeAnswer(new Uint8Array(data as ArrayBuffer));
        if (answer.type === "hello") {
          checkVersion(answer);
          socket.send(hello());
          subscriber.next(connectionOf(answer));
        } else if (answer.type === "error" && answer.id === undefined) throw errorOf(answer);
        else answers.next(answer);
      } catch (error) {
        fail(toDownloadError(error));
      }
    };
    socket.onerror = ({ message = "" }) => (trouble = message);
    socket.onclose = ({ code, reason }) => {
      const why = [reason, trouble].find((text) => text !== "") ?? `code ${code}`;
      if (code === endedCode) fail(new DownloadError("ENDING", "the daemon has ended"));
      else fail(new DownloadError("CONNECTION_LOST", `the connection to the daemon has ended: ${why}`));
    };
    return () => {
      socket.onmessage = null;
      socket.onclose = null;
      // Closing one that is not open yet is an error of its own.
      socket.onerror = () => undefined;
      socket.close();
      answers.error(new DownloadError("CONNECTION_LOST", "the connection to the daemon was closed"));
    };
  });
}

function hello(): Uint8Array<ArrayBuffer> {
  return encodeControl({ type: "hello", version: controlVersion }) as Uint8Array<ArrayBuffer>;
}

/** @throws DownloadError `PROTOCOL_ERROR` */
function checkVersion({ version, program = "unknown" }: Named<"hello">): void {
  if (version === controlVersion) return;
  const text = `the daemon (${program}) speaks version ${version} of the control protocol, expected ${controlVersion}`;
  throw new DownloadError("PROTOCOL_ERROR", `${text}; stop it, and start it anew`);
}

function answerOf(answer: ControlAnswer): ControlAnswer {
  if (answer.type === "error") throw errorOf(answer);
  return answer;
}

function errorOf({ code, message }: Named<"error">): Error {
  if (code === "INVALID_REQUEST") return new TypeError(message);
  if (code === "NO_SUCH_DOWNLOAD") return new RangeError(message);
  return new DownloadError(Object.hasOwn(verdicts, code) ? (code as DownloadErrorCode) : "UNKNOWN", message);
}
