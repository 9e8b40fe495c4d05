import { once } from "node:events";
import { filter, firstValueFrom, lastValueFrom, share, Subject, take } from "rxjs";
import { onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { type ControlConnection, connectControl } from "../../src/control/connectControl.js";
import { decodeAnswer, encodeControl } from "../../src/control/controlCodec.js";
import { controlPath } from "../../src/control/control.js";
import type { ControlAnswer, GivenRequest } from "../../src/control/messages.js";
import { type DaemonAddress, readDaemonFile } from "../../src/daemon/daemonFile.js";
import { serveDaemon } from "../../src/daemon/serveDaemon.js";
import { tempFolder } from "../tempFolder.js";

/** A daemon in this process, with a state folder and a folder of downloads of its own, and clients on real sockets. */
export class DaemonStage {
  readonly folder: string;
  readonly address: DaemonAddress;
  /** Resolves when the daemon has ended. */
  readonly ended: Promise<unknown>;
  readonly #end: Subject<void>;

  /** Starts one; what `prepare` leaves in its state folder is there before. */
  static async start(prepare: (state: string) => Promise<void> = () => Promise.resolve()): Promise<DaemonStage> {
    const folder = await tempFolder();
    vi.stubEnv("TRIBUTARY_STATE", folder);
    await prepare(folder);
    const end = new Subject<void>();
    const events = serveDaemon({ program: "a test", dir: folder, pauseWhen: end }).pipe(share());
    const ended = lastValueFrom(events, { defaultValue: undefined });
    await firstValueFrom(
      events.pipe(
        filter(({ type }) => type === "listening"),
        take(1),
      ),
    );
    const address = readDaemonFile();
    if (address === undefined) throw new Error("a daemon that listens has left no address");
    return new DaemonStage({ folder, address, ended, end });
  }

  private constructor(parts: {
    readonly folder: string;
    readonly address: DaemonAddress;
    readonly ended: Promise<unknown>;
    readonly end: Subject<void>;
  }) {
    this.folder = parts.folder;
    this.address = parts.address;
    this.ended = parts.ended;
    this.#end = parts.end;
    onTestFinished(() => this.end());
  }

  async end(): Promise<void> {
    this.#end.next();
    await this.ended;
  }

  /** A socket that has said hello, and all that it hears. */
  async socket(): Promise<{
    readonly socket: WebSocket;
    readonly heard: readonly ControlAnswer[];
    readonly say: (...requests: readonly GivenRequest[]) => void;
  }> {
    const socket = this.#open();
    const heard: ControlAnswer[] = [];
    socket.on("message", (frame: Buffer) => heard.push(decodeAnswer(new Uint8Array(frame))));
    const say = (...requests: readonly GivenRequest[]): void =>
      requests.forEach((request) => socket.send(encodeControl(request)));
    await once(socket, "open");
    say({ type: "hello", version: 1 });
    return { socket, heard, say };
  }

  /** A connection as the commands and the page have it. */
  async connection(): Promise<ControlConnection> {
    const connected = connectControl((() => this.#open()) as Parameters<typeof connectControl>[0]).pipe(share());
    const kept = connected.subscribe({ error: () => undefined });
    onTestFinished(() => kept.unsubscribe());
    return firstValueFrom(connected);
  }

  #open(): WebSocket {
    const { port, token } = this.address;
    return new WebSocket(`ws://127.0.0.1:${port}${controlPath}`, { headers: { authorization: `Bearer ${token}` } });
  }
}
