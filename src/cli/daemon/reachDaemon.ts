import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { catchError, defer, finalize, type Observable, of, retry, switchMap, throwError, timer } from "rxjs";
import { WebSocket } from "ws";
import {
  connectControl,
  type ControlConnection,
  controlPath,
  type DaemonAddress,
  daemonFile,
  readDaemonFile,
} from "../../command.js";
import { DownloadError } from "../../index.js";

/** How long a daemon may take to start: tries, and the wait between two of them, ms. */
const mostTries = 100;
const waitMs = 100;

/** A daemon, and the connection to it. */
export interface ReachedDaemon {
  readonly address: DaemonAddress;
  readonly connection: ControlConnection;
}

/** Connection to the daemon of this user; nothing where none runs. Errors with what is wrong with one that does. */
export function findDaemon(): Observable<ReachedDaemon | undefined> {
  return defer(() => {
    const address = readDaemonFile();
    if (address?.pid === undefined || !isAlive(address.pid)) return of(undefined);
    return connected(address).pipe(
      // The process of a file that a kill left may be another's by now.
      catchError((error: unknown) => (isGone(error) ? of(undefined) : throwError(() => error))),
    );
  });
}

/** Connection to the daemon of this user, which is started where none runs, and ends by itself when nothing is left to do. */
export function reachDaemon(): Observable<ReachedDaemon> {
  return findDaemon().pipe(switchMap((found) => (found === undefined ? started() : of(found))));
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

function isGone(error: unknown): boolean {
  return (
    error instanceof DownloadError && error.code === "CONNECTION_LOST" && /ECONNREFUSED|ECONNRESET/.test(error.message)
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function started(): Observable<ReachedDaemon> {
  return defer(() => {
    const log = join(dirname(daemonFile()), "daemon.log");
    mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
    const out = openSync(log, "a", 0o600);
    const [script = ""] = process.argv.slice(1);
    const words = [...process.execArgv, script, "serve", "--until-idle"];
    const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", out, out], cwd: dirname(log) });
    child.on("error", () => undefined); // what does not start is never found, which is told below
    child.unref();
    return findOrFail(log).pipe(
      retry({
        count: mostTries,
        delay: (error: unknown) => (isNotThere(error) ? timer(waitMs) : throwError(() => error)),
      }),
      finalize(() => closeSync(out)),
    );
  });
}

const starting = "the daemon does not start";

function findOrFail(log: string): Observable<ReachedDaemon> {
  return findDaemon().pipe(
    switchMap((daemon) => (daemon === undefined ? throwError(() => notThere(log)) : of(daemon))),
  );
}

function notThere(log: string): DownloadError {
  return new DownloadError("LOCAL_IO", `${starting}; ${log} says why, and so does tributary serve`);
}

function isNotThere(error: unknown): boolean {
  return error instanceof DownloadError && error.message.startsWith(starting);
}
