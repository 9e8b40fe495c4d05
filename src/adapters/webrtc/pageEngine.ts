import { defer, of } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { reasonOf } from "../../protocol/reasonOf.js";
import { subprotocol } from "../../protocol/protocol.js";
import { iceServerOf } from "./iceServers.js";
import {
  type LoadedEngine,
  lowWaterBytes,
  type RtcChannel,
  type RtcEnd,
  type RtcHooks,
  type RtcSignal,
} from "./RtcEngine.js";

/** WebRTC by the page's own `RTCPeerConnection`, which workers do not have. */
export const pageEngine: LoadedEngine = defer(() => {
  if (typeof globalThis.RTCPeerConnection === "function") {
    return of(pageEnd);
  }
  throw new DownloadError(
    "LOCAL_IO",
    "there is no RTCPeerConnection here; workers have none, and WebRTC may be turned off",
  );
});

/** @throws DownloadError `CONNECTION_LOST` where the browser makes no more connections: it has some hundreds at a time for a page. */
function pageEnd(iceServers: readonly string[], hooks: RtcHooks): RtcEnd {
  try {
    return new PageEnd(iceServers, hooks);
  } catch (cause) {
    throw new DownloadError("CONNECTION_LOST", `the browser makes no connection: ${reasonOf(cause)}`, { cause });
  }
}

class PageEnd implements RtcEnd {
  readonly #connection: RTCPeerConnection;
  readonly #hooks: RtcHooks;
  /** Steps of the negotiation, one after the other: each is a promise, and signals may come in between. */
  #steps = Promise.resolve();
  #closed = false;

  constructor(iceServers: readonly string[], hooks: RtcHooks) {
    this.#hooks = hooks;
    this.#connection = new RTCPeerConnection({ iceServers: iceServers.map(iceServerOf) });
    this.#connection.onicecandidate = ({ candidate }) => {
      if (candidate === null || candidate.candidate === "") return;
      this.#tell({ type: "rtc-candidate", candidate: candidate.candidate, mid: candidate.sdpMid ?? "0" });
    };
    this.#connection.onconnectionstatechange = () => {
      if (this.#connection.connectionState === "failed") this.#fail("the connection failed");
    };
    this.#connection.ondatachannel = ({ channel }) => this.#await(channel);
  }

  offer(): void {
    this.#await(this.#connection.createDataChannel(subprotocol));
    this.#step("the offer", () => this.#describe());
  }

  take(signal: RtcSignal): void {
    this.#step(`its ${signal.type}`, async () => {
      if (signal.type === "rtc-candidate") {
        // One that is none is no reason to give up the others.
        await this.#connection
          .addIceCandidate({ candidate: signal.candidate, sdpMid: signal.mid })
          .catch(() => undefined);
        return;
      }
      const type = signal.type === "rtc-offer" ? "offer" : "answer";
      await this.#connection.setRemoteDescription({ type, sdp: signal.sdp });
      if (type === "offer") await this.#describe();
    });
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  /** Makes this end's own description, an offer or the answer to one, as the state of the connection wants. */
  async #describe(): Promise<void> {
    await this.#connection.setLocalDescription();
    const description = this.#connection.localDescription;
    if (description === null || (description.type !== "offer" && description.type !== "answer")) return;
    this.#tell({ type: `rtc-${description.type}`, sdp: description.sdp });
  }

  #step(what: string, work: () => Promise<void>): void {
    this.#steps = this.#steps
      .then(() => (this.#closed ? undefined : work()))
      .catch((error: unknown) => this.#fail(`${what} cannot be used: ${reasonOf(error)}`));
  }

  #await(channel: RTCDataChannel): void {
    channel.binaryType = "arraybuffer";
    const opened = (): void => {
      if (!this.#closed) this.#hooks.channel(pageChannel(channel));
    };
    if (channel.readyState === "open") opened();
    else channel.onopen = opened;
  }

  #tell(signal: RtcSignal): void {
    if (!this.#closed) this.#hooks.signal(signal);
  }

  #fail(reason: string): void {
    if (!this.#closed) this.#hooks.failed(reason);
  }
}

function pageChannel(channel: RTCDataChannel): RtcChannel {
  return {
    get buffered() {
      return channel.bufferedAmount;
    },
    send: (message) => {
      if (channel.readyState === "open") channel.send(new Uint8Array(message));
    },
    listen: ({ message, low, closed }) => {
      channel.bufferedAmountLowThreshold = lowWaterBytes;
      channel.onbufferedamountlow = low;
      channel.onclose = closed;
      // A text is no message: as empty bytes it is refused where messages are read.
      channel.onmessage = ({ data }: MessageEvent<unknown>) =>
        message(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array());
    },
  };
}
