import { mergeMap, Observable, Subject, tap, VirtualTimeScheduler } from "rxjs";
import { type RtcMeans, RtcMeeting } from "../../../src/adapters/webrtc/RtcMeeting.js";
import type { RtcEar, RtcEnd, RtcHooks, RtcSignal } from "../../../src/adapters/webrtc/RtcEngine.js";
import type { Wire } from "../../../src/adapters/websocket/Dial.js";
import type { DownloadError } from "../../../src/errors/DownloadError.js";
import { toDownloadError } from "../../../src/errors/toDownloadError.js";
import { decodeClientMessage, encodeMessage } from "../../../src/protocol/codec.js";
import type { ClientMessage, RendezvousMessage } from "../../../src/protocol/messages.js";
import { parsePeerLink } from "../../../src/protocol/PeerLink.js";
import type { Connection } from "../../../src/seeder/Connection.js";

export const root = "ab".repeat(32);

/** The end of a connection that never leaves this machine: what it was told, and what it says when the test wants. */
class RecordedEnd implements RtcEnd {
  readonly taken: RtcSignal[] = [];
  readonly hooks: RtcHooks;
  hasOffered = false;
  isClosed = false;

  constructor(hooks: RtcHooks) {
    this.hooks = hooks;
  }

  offer(): void {
    this.hasOffered = true;
    this.hooks.signal({ type: "rtc-offer", sdp: "v=0" });
  }

  take(signal: RtcSignal): void {
    this.taken.push(signal);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The channel is open. */
  open(): Pick<RtcEar, "closed" | "message"> {
    const ear: { -readonly [Key in "closed" | "message"]: RtcEar[Key] } = {
      closed: () => undefined,
      message: () => undefined,
    };
    this.hooks.channel({
      buffered: 0,
      send: () => undefined,
      listen: ({ closed, message }) => void Object.assign(ear, { closed, message }),
    });
    return ear;
  }
}

interface MeetingScript extends Partial<RtcMeans> {
  readonly serves?: boolean;
  /** Features that the seeder names. */
  readonly hello?: readonly string[];
  /** True for a seeder that never says hello. */
  readonly isSilent?: boolean;
}

/** A meeting at a seeder whose words the test writes. */
export function meetingAt({ serves = false, hello = ["rtc"], isSilent = false, ...given }: MeetingScript = {}) {
  const scheduler = new VirtualTimeScheduler();
  scheduler.maxFrames = 0;
  const ends: RecordedEnd[] = [];
  const served: Connection[] = [];
  const said: ClientMessage[] = [];
  const dials: Subject<Uint8Array>[] = [];
  const meeting = new RtcMeeting(parsePeerLink(`ws://seeder.example/${root}`), {
    engine: (_servers, hooks) => {
      const end = new RecordedEnd(hooks);
      ends.push(end);
      return end;
    },
    iceServers: [],
    tokens: {},
    publicOnly: () => false,
    mayAsk: () => true,
    serve: serves ? (connection) => served.push(connection) : undefined,
    scheduler,
    random: () => 0.5,
    dial: () =>
      new Observable((subscriber) => {
        const frames = new Subject<Uint8Array>();
        dials.push(frames);
        const wire: Wire = {
          frames,
          unfinishedBytes: 0,
          send: (frame) => said.push(decodeClientMessage(frame)),
          pause: () => undefined,
          resume: () => undefined,
          close: () => undefined,
        };
        subscriber.next(wire);
        if (!isSilent)
          say({ type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 }, features: [...hello] });
      }),
    ...given,
  });
  function say(message: RendezvousMessage): void {
    dials.at(-1)?.next(encodeMessage(message));
  }
  const passMs = (ms: number): void => {
    scheduler.maxFrames += ms;
    scheduler.flush();
    scheduler.frame = scheduler.maxFrames;
  };
  const call = (id: string) => {
    const heard: { wire?: Wire; error?: DownloadError } = {};
    const target = { url: "", peer: `rtc:${id}`, token: undefined, maxFrameBytes: 1, maxRetryAfterMs: 1 };
    const frames = meeting
      .dialTo(id)(target)
      .pipe(
        tap((wire) => (heard.wire = wire)),
        mergeMap((wire) => wire.frames),
      );
    const calling = frames.subscribe({ error: (error: unknown) => (heard.error = toDownloadError(error)) });
    return { heard, hangUp: () => calling.unsubscribe() };
  };
  return { meeting, scheduler, ends, served, said, dials, say, passMs, call };
}
