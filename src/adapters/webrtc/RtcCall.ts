import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import type { RtcChannel, RtcEnd, RtcEngine, RtcSignal } from "./RtcEngine.js";

/** Candidates that one end may name: each makes this machine ask at an address. */
const mostCandidates = 64;

export interface RtcCallParts {
  readonly engine: RtcEngine;
  readonly iceServers: readonly string[];
  /** Name of the other end in errors. */
  readonly peer: string;
  /** True while the seeder, by which calls come about, is away. */
  readonly isAway: () => boolean;
  /** True for addresses that may be asked. */
  readonly mayAsk: (address: string) => boolean;
  /** Sends a signal to the other end. */
  readonly send: (signal: RtcSignal) => void;
  /** Called once, when all is over. */
  readonly onEnd: () => void;
}

/** An open channel with the connection that it is of. */
export interface OpenCall {
  readonly channel: RtcChannel;
  /** Closes the connection at once. */
  readonly hangUp: () => void;
  /** True while no other call could be made to this client or by it. */
  readonly isLast: boolean;
  /** Emits once, when the connection is gone for another reason than a closed channel: the other end is, or it broke. */
  readonly lost: Observable<DownloadError>;
}

/**
 * One connection to another client, from its first signal to its end.
 *
 *     negotiating ──▶ open ──▶ ended          the other end left, the channel closed, or it was hung up
 *          └────────────────────▶             no connection came about
 */
export class RtcCall {
  readonly peer: string;
  readonly #parts: RtcCallParts;
  readonly #end: RtcEnd;
  #state: "negotiating" | "open" | "ended" = "negotiating";
  #candidates = 0;
  #opened: (call: OpenCall) => void = () => undefined;
  #failed: (error: DownloadError) => void = () => undefined;

  constructor(parts: RtcCallParts) {
    this.peer = parts.peer;
    this.#parts = parts;
    this.#end = parts.engine(parts.iceServers, {
      signal: (signal) => parts.send(signal),
      channel: (channel) => this.#open(channel),
      failed: (reason) =>
        this.fail(new DownloadError("CONNECTION_LOST", `${this.peer}: ${reason}`, { peer: this.peer })),
    });
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /**
   * The channel, once it is open; errors where there will be none. Begins with the subscription, by `offer` or by the other end's; leaving it ends the call.
   */
  open(first: "offer" | RtcSignal): Observable<OpenCall> {
    return new Observable((subscriber) => {
      this.#opened = (call) => subscriber.next(call);
      this.#failed = (error) => subscriber.error(error);
      if (first === "offer") this.#end.offer();
      else this.take(first);
      return () => this.hangUp();
    });
  }

  take(signal: RtcSignal): void {
    if (this.#state === "ended") return;
    if (signal.type !== "rtc-candidate") this.#end.take({ ...signal, sdp: this.#reachable(signal.sdp) });
    else if (this.#mayTake(signal.candidate)) this.#end.take(signal);
  }

  /** Ends the call, and the channel with it. */
  fail(error: DownloadError): void {
    if (this.#state === "ended") return;
    this.hangUp();
    this.#failed(error);
  }

  hangUp(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#end.close();
    this.#parts.onEnd();
  }

  #open(channel: RtcChannel): void {
    if (this.#state !== "negotiating") return;
    this.#state = "open";
    const lost = new Observable<DownloadError>((subscriber) => {
      this.#failed = (error) => subscriber.next(error);
    });
    const { isAway } = this.#parts;
    this.#opened({
      channel,
      lost,
      hangUp: () => this.hangUp(),
      get isLast() {
        return isAway();
      },
    });
  }

  /** A description with the candidates that may be asked. */
  #reachable(sdp: string): string {
    const lines = sdp.split(/\r\n|\n/);
    return lines.filter((line) => !line.startsWith("a=candidate:") || this.#mayTake(line.slice(2))).join("\r\n");
  }

  #mayTake(candidate: string): boolean {
    if (this.#candidates >= mostCandidates) return false;
    this.#candidates += 1;
    // candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ ... (RFC 8839, 5.1)
    const [, , , , address] = candidate.trim().split(/ +/);
    return address !== undefined && this.#parts.mayAsk(address);
  }
}

/** Reasons for which there is no call. */
const noCall = {
  gone: "is gone, as the seeder says",
  unled: "cannot be called, because the seeder at which it was met is not reached",
  left: "is called no more: this end leaves",
} as const;

/** Error of a call that is over, or cannot be. */
export function noCallError(peer: string, why: keyof typeof noCall): DownloadError {
  return new DownloadError("CONNECTION_LOST", `${excerpt(peer)} ${noCall[why]}`, { peer });
}
