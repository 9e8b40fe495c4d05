import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  catchError,
  defer,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  switchMap,
  take,
  throwError,
  timer,
} from "rxjs";
import { WebSocket } from "ws";
import {
  type AnswerTo,
  connectControl,
  type ControlAsk,
  type ControlConnection,
  controlPath,
  type DaemonAddress,
  daemonFile,
  lookForDaemon,
} from "../../command.js";
import { DownloadError } from "../../index.js";
import { gone } from "./gone.js";

/** How long a daemon may take to begin, or to end: looks, and the wait between two of them, ms. */
const mostLooks = 100;
const waitMs = 100;

/** A daemon, and the connection to it. */
export interface ReachedDaemon {
  readonly address: DaemonAddress;
  readonly connection: ControlConnection;
}

type Look = ReachedDaemon | "held" | "none";

/** Connection to the daemon of this user; nothing where none can be reached. Errors with what is wrong with one that can. */
export function findDaemon(): Observable<ReachedDaemon | undefined> {
  return look().pipe(map((found) => (typeof found === "string" ? undefined : found)));
}

/**
 * Connection to the daemon of this user, which is started where none runs, and ends by itself when nothing is left to do; one that begins or ends is waited
 * for. Errors with `LOCAL_IO` where none starts, and with `LOCKED` where another program has the list.
 */
export function reachDaemon(): Observable<ReachedDaemon> {
  return defer(() => {
    let hasStarted = false;
    return settled((found) => {
      if (found === "none" && !hasStarted) start();
      hasStarted ||= found === "none";
      return typeof found === "string" ? undefined : found;
    });
  });
}

/** Asks the daemon of this user, as `reachDaemon` finds or starts it; one that ends is waited for, and the next one asked. */
export function askDaemon<const Ask extends ControlAsk>(request: Ask): Observable<AnswerTo<Ask["type"]>> {
  return reachDaemon().pipe(
    switchMap(({ connection }) => connection.ask(request)),
    take(1),
    againWhileEnding(),
  );
}

/** Looks for a daemon anew when the one that was found ends before it has answered. */
export function againWhileEnding<T>(): MonoTypeOperatorFunction<T> {
  return retry({
    count: mostLooks,
    delay: (error: unknown) => (isEnding(error) ? timer(waitMs) : throwError(() => error)),
  });
}

/**
 * Ends the daemon of this user; emits, when it has let go of everything, whether there was one. Errors as `reachDaemon` does, and with `LOCKED` when it does
 * not end.
 */
export function stopDaemon(): Observable<boolean> {
  const asked = settled((found) => (found === "held" ? undefined : found)).pipe(
    switchMap((found) => {
      if (found === "none") return of(undefined);
      const { pid } = found.address;
      return found.connection.ask({ type: "stop" }).pipe(
        map(() => pid),
        // One that ends already needs not be told.
        catchError((error: unknown) => (isEnding(error) ? of(pid) : throwError(() => error))),
      );
    }),
    take(1),
  );
  return asked.pipe(switchMap((pid) => (pid === undefined ? of(false) : gone(pid, () => isThere(pid)))));
}

/** True while the process has the list. */
function isThere(pid: number): boolean {
  const found = lookForDaemon();
  return found.state !== "none" && found.pid === pid;
}

/** Finding that is wanted, as soon as `wanted` makes it of a look; errors with what is found in its place when that does not change. */
function settled<Found>(wanted: (found: Look) => Found | undefined): Observable<Found> {
  return look().pipe(
    map((found) => {
      const taken = wanted(found);
      if (taken === undefined) throw new NotYetError(found === "none" ? "none" : "held");
      return taken;
    }),
    retry({
      count: mostLooks,
      delay: (error: unknown) => (error instanceof NotYetError ? timer(waitMs) : throwError(() => error)),
    }),
    catchError((error: unknown) => throwError(() => (error instanceof NotYetError ? error.given : error))),
  );
}

function look(): Observable<Look> {
  return defer((): Observable<Look> => {
    const found = lookForDaemon();
    if (found.state !== "listening") return of(found.state);
    // One that has just stopped listening holds its list for a moment more.
    return connected(found.address).pipe(
      catchError((error: unknown) => (isGone(error) ? of("held" as const) : throwError(() => error))),
    );
  });
}

function connected(address: DaemonAddress): Observable<ReachedDaemon> {
  const { port, token } = address;
  const url = `ws://127.0.0.1:${port}${controlPath}`;
  const headers = { authorization: `Bearer ${token}` };
  const open = (): WebSocket => new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: 5000 });
  return connectControl(open as Parameters<typeof connectControl>[0]).pipe(
    switchMap((connection) => of({ address, connection })),
  );
}

/** True when there is nobody who listens, or not any more. */
function isGone(error: unknown): boolean {
  if (isEnding(error)) return true;
  const isLost = error instanceof DownloadError && error.code === "CONNECTION_LOST";
  return isLost && /ECONNREFUSED|ECONNRESET|socket hang up/.test(error.message);
}

function isEnding(error: unknown): boolean {
  return error instanceof DownloadError && error.code === "ENDING";
}

const logFile = (): string => join(dirname(daemonFile()), "daemon.log");

function start(): void {
  const log = logFile();
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const out = openSync(log, "a", 0o600);
  const [script = ""] = process.argv.slice(1);
  const words = [...process.execArgv, script, "serve", "--until-idle", "--log", log];
  const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", out, out], cwd: dirname(log) });
  child.on("error", () => undefined); // what does not start is never found, which is told in the end
  child.unref();
  closeSync(out);
}

/** A daemon is not found as it is wanted, yet. */
class NotYetError extends Error {
  /** The failure when that does not change. */
  readonly given: DownloadError;

  constructor(found: "held" | "none") {
    super(found);
    const text =
      found === "none"
        ? `the daemon does not start; ${logFile()} says why, and so does tributary serve`
        : "another program has the list of downloads, and is no daemon that answers";
    this.given = new DownloadError(found === "none" ? "LOCAL_IO" : "LOCKED", text);
  }
}
