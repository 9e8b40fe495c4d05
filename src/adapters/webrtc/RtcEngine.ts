import type { Observable } from "rxjs";
import type { SentSignal } from "../../protocol/signals.js";

type WithoutAddress<Signal> = Signal extends unknown ? Omit<Signal, "id" | "root" | "to"> : never;

/** A signal, whoever it is for: a description of one end (SDP), or an address at which that may be reached (an ICE candidate). */
export type RtcSignal = WithoutAddress<SentSignal>;

/** A data channel that is open, ordered and reliable. */
export interface RtcChannel {
  /** Machine at the other end, or the relay that it has, by the address that the connection shows; absent where the platform does not tell. */
  readonly machine?: string | undefined;
  /** Bytes that were sent and have not left this machine. */
  readonly buffered: number;
  /** Sends one message of at most 262,144 bytes, which is copied; none once the channel is closed. */
  send(message: Uint8Array): void;
  /** Hears the other end, from now on; called once, in the call that hands the channel over, or messages are lost. */
  listen(ear: RtcEar): void;
}

export interface RtcEar {
  readonly message: (bytes: Uint8Array) => void;
  /** Called when `buffered` has fallen to `lowWaterBytes`; perhaps after it rose again. */
  readonly low: () => void;
  readonly closed: () => void;
}

/** Bytes at which `RtcEar.low` is called. */
export const lowWaterBytes = 512 * 1024;

/** One end of a connection. */
export interface RtcEnd {
  /** Begins a connection with one channel; its description comes as a signal. */
  offer(): void;
  /** Takes a signal of the other end. One that cannot be is as if the connection failed. */
  take(signal: RtcSignal): void;
  /** Closes channel and connection at once, also in mid-negotiation. `RtcHooks` are not called after that, but for `closed` of an ear. */
  close(): void;
}

export interface RtcHooks {
  /** Called with what the other end has to be told. */
  readonly signal: (signal: RtcSignal) => void;
  /** Called once, when the channel is open. */
  readonly channel: (channel: RtcChannel) => void;
  /** Called once, when there will be no connection, or when it broke. */
  readonly failed: (reason: string) => void;
}

/** The platform's WebRTC. */
export type RtcEngine = (iceServers: readonly string[], hooks: RtcHooks) => RtcEnd;

/** An engine that is loaded at the subscription: one emission, or an error `LOCAL_IO` that says what is missing. */
export type LoadedEngine = Observable<RtcEngine>;
