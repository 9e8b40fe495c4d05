import { createRequire } from "node:module";
import type * as Library from "node-datachannel";
import type { DataChannel, PeerConnection } from "node-datachannel";
import { catchError, defer, map, of, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { reasonOf } from "../../protocol/reasonOf.js";
import { subprotocol } from "../../protocol/protocol.js";
import { machineOf } from "../network/machineOf.js";
import {
  type LoadedEngine,
  lowWaterBytes,
  type RtcChannel,
  type RtcEnd,
  type RtcHooks,
  type RtcSignal,
} from "./RtcEngine.js";

// As CommonJS: beside other modules that are being imported, its ESM has met a dependency of its own before that had its exports (Node 20.20).
const load = createRequire(import.meta.url) as (name: "node-datachannel") => typeof Library;

/** WebRTC by the package `node-datachannel`, which is read when it is first used. */
export const nodeEngine: LoadedEngine = defer(() => of(load("node-datachannel"))).pipe(
  catchError((cause: unknown) => {
    const text = `WebRTC needs the package node-datachannel, which cannot be loaded (${reasonOf(cause)}); to install it: npm install node-datachannel`;
    return throwError(() => new DownloadError("LOCAL_IO", text, { cause }));
  }),
  map((library) => (iceServers, hooks) => new NodeEnd(library, iceServers, hooks)),
);

/**
 * Handles of the library are held as long as the connection stands: its callbacks hold none, and one that nobody references is collected, after which the other
 * end sees it closed (node-datachannel 0.33.4; findings/node-datachannel-collects-channel.sh).
 */
class NodeEnd implements RtcEnd {
  readonly #connection: PeerConnection;
  readonly #hooks: RtcHooks;
  #channel: DataChannel | undefined;
  /** Candidates that the other end was not told yet. */
  readonly #untold: RtcSignal[] = [];
  #awaitsAnswer = false;
  /** Candidates that could not be taken yet. */
  readonly #early: Extract<RtcSignal, { readonly type: "rtc-candidate" }>[] = [];
  #closed = false;

  constructor(library: typeof Library, iceServers: readonly string[], hooks: RtcHooks) {
    this.#hooks = hooks;
    this.#connection = new library.PeerConnection(subprotocol, { iceServers: [...iceServers] });
    this.#connection.onLocalDescription((sdp, type) => {
      if (type === "offer" || type === "answer") this.#tell({ type: `rtc-${type}`, sdp });
    });
    this.#connection.onLocalCandidate((candidate, mid) => {
      this.#addCandidates();
      this.#untold.push({ type: "rtc-candidate", candidate: candidate.replace(/^a=/, ""), mid });
      this.#tellCandidates();
    });
    this.#connection.onGatheringStateChange(() => this.#addCandidates());
    this.#connection.onStateChange((state) => {
      if (state === "failed" || state === "closed")
        this.#fail(`the connection ${state === "failed" ? state : "closed"}`);
    });
    this.#connection.onDataChannel((channel) => this.#opened(channel));
  }

  offer(): void {
    this.#awaitsAnswer = true;
    const channel = this.#connection.createDataChannel(subprotocol);
    this.#channel = channel;
    channel.onOpen(() => this.#opened(channel));
  }

  take(signal: RtcSignal): void {
    if (this.#closed) return;
    if (signal.type === "rtc-candidate") {
      this.#early.push(signal);
    } else {
      try {
        this.#connection.setRemoteDescription(signal.sdp, signal.type === "rtc-offer" ? "offer" : "answer");
      } catch (error) {
        this.#fail(`its ${signal.type} cannot be used: ${reasonOf(error)}`);
        return;
      }
      this.#awaitsAnswer = false;
      this.#tellCandidates();
    }
    this.#addCandidates();
  }

  /**
   * Adds the candidates of the other end. The library makes what takes them on a thread of its own, perhaps after the other end has answered, and throws until
   * then. One that is none stays here, and is no reason to give up the others.
   */
  #addCandidates(): void {
    if (this.#closed) return;
    for (const early of this.#early.splice(0)) {
      try {
        this.#connection.addRemoteCandidate(early.candidate, early.mid);
      } catch {
        this.#early.push(early);
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#channel?.close();
    this.#connection.close();
  }

  #opened(channel: DataChannel): void {
    if (this.#closed || (this.#channel !== undefined && this.#channel !== channel)) return;
    this.#channel = channel;
    const pair = this.#connection.getSelectedCandidatePair();
    this.#hooks.channel(nodeChannel(channel, pair ? machineOf(pair.remote.address, pair.local.address) : undefined));
  }

  /**
   * Tells where this end is, when it has the answer: an end that is found before begins its handshake in the moment in which the library takes
   * the answer, and is refused because its fingerprint is not there yet (libdatachannel 0.24: 1 of 5 on a busy machine).
   */
  #tellCandidates(): void {
    if (this.#awaitsAnswer) return;
    for (const candidate of this.#untold.splice(0)) this.#tell(candidate);
  }

  #tell(signal: RtcSignal): void {
    if (!this.#closed) this.#hooks.signal(signal);
  }

  #fail(reason: string): void {
    if (!this.#closed) this.#hooks.failed(reason);
  }
}

function nodeChannel(channel: DataChannel, machine: string | undefined): RtcChannel {
  return {
    machine,
    get buffered() {
      return channel.isOpen() ? channel.bufferedAmount() : 0;
    },
    send: (message) => {
      if (channel.isOpen()) channel.sendMessageBinary(message);
    },
    listen: ({ message, low, closed }) => {
      channel.setBufferedAmountLowThreshold(lowWaterBytes);
      channel.onBufferedAmountLow(low);
      channel.onClosed(closed);
      channel.onError(closed);
      // A text is no message: as empty bytes it is refused where messages are read.
      channel.onMessage((data) => {
        if (typeof data === "string") message(new Uint8Array());
        else message(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
      });
    },
  };
}
