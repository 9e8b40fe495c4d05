import { type SchedulerLike, Subscription } from "rxjs";
import { TokenBucket } from "../../operators/TokenBucket.js";
import { DownloadError } from "../errors/DownloadError.js";
import { encodeMessage } from "../protocol/codec.js";
import { MessageRate } from "../protocol/MessageRate.js";
import { toErrorMessage } from "../protocol/peerErrors.js";
import { mostRtcPeers } from "../protocol/protocol.js";
import type { PassedSignal, RtcJoin, SentSignal } from "../protocol/signals.js";
import type { SourceLookup } from "./ByteSource.js";
import type { Member, Rendezvous } from "./Rendezvous.js";

const offersPerSecond = 10;
const signalsPerMinute = 200;
/** Files for which one connection may be there. */
const mostFiles = 64;
/** Messages that may wait for a client to read before nothing more is passed on to it: others fill what it leaves unread. */
const mostUnread = 64;
/** Names of news that may wait for a client that does not read; one that leaves more is there no more. */
const mostNews = 1024;
/** The time in which news are gathered, ms. */
const gatherMs = 250;

export interface MeetingParts {
  readonly rendezvous: Rendezvous;
  readonly sources: SourceLookup;
  readonly scheduler: SchedulerLike;
  readonly reply: (frame: Uint8Array) => void;
  /** How many replies wait for the client to read. */
  readonly unread: () => number;
  readonly report: (refused: { readonly code: string; readonly message: string }) => void;
}

interface News {
  readonly joined: Set<string>;
  readonly left: Set<string>;
}

/** One client's part in the rendezvous of a seeder: for which files it is there, how much it may say, what it is still to hear. */
export class Meeting implements Member {
  readonly id: string;
  readonly #parts: MeetingParts;
  /** The largest message that the client takes, bytes. */
  readonly #frameBytes: number;
  readonly #files = new Set<string>();
  readonly #offers: MessageRate;
  readonly #signals: TokenBucket;
  readonly #news = new Map<string, News>();
  #gathering = Subscription.EMPTY;

  constructor(parts: MeetingParts, frameBytes: number) {
    this.#parts = parts;
    this.#frameBytes = frameBytes;
    this.id = parts.rendezvous.newId();
    this.#offers = new MessageRate(offersPerSecond, parts.scheduler);
    this.#signals = new TokenBucket(
      { capacity: signalsPerMinute, perSecond: signalsPerMinute / 60 },
      parts.scheduler.now(),
    );
  }

  /** True while the client is there for a file, and so has a reason to stay without asking for anything. */
  get isHere(): boolean {
    return this.#files.size > 0;
  }

  /** Takes a message of the client; one that cannot be done is answered with an error of its `id`. */
  take(message: RtcJoin | SentSignal): void {
    try {
      this.#count(message);
      if (message.type === "rtc-join") this.#join(message);
      else this.#parts.rendezvous.pass(this, message);
    } catch (thrown) {
      const refusal = toErrorMessage(thrown, message.id);
      this.#parts.report(refusal);
      this.#parts.reply(encodeMessage(refusal));
    }
  }

  hear(signal: PassedSignal): boolean {
    const frame = encodeMessage(signal);
    if (frame.length > this.#frameBytes || this.#parts.unread() >= mostUnread) return false;
    this.#parts.reply(frame);
    return true;
  }

  news(root: string, { joined, left }: { readonly joined?: string; readonly left?: string }): void {
    if (this.#news.size === 0) this.#gather();
    const news = this.#news.get(root) ?? { joined: new Set(), left: new Set() };
    this.#news.set(root, news);
    if (joined !== undefined) news.joined.add(joined);
    // One that came and went meanwhile is told, too: a signal of it may have been passed on.
    if (left !== undefined) news.left.add(left);
    const waiting = [...this.#news.values()].reduce((sum, each) => sum + each.joined.size + each.left.size, 0);
    if (waiting > mostNews) this.leave();
  }

  leave(): void {
    this.#gathering.unsubscribe();
    this.#files.clear();
    this.#news.clear();
    this.#parts.rendezvous.leave(this);
  }

  #join({ root, serves }: RtcJoin): void {
    const { sources, rendezvous } = this.#parts;
    if (this.#files.has(root)) throw new DownloadError("PEER_REJECTED", `a second rtc-join for ${root}`);
    if (this.#files.size >= mostFiles) throw new DownloadError("PEER_REJECTED", `more than ${mostFiles} files`);
    if (sources.get(root) === undefined) throw new DownloadError("FILE_NOT_FOUND", `no file ${root} here`);
    this.#files.add(root);
    rendezvous.join(root, this, serves);
  }

  #count({ type }: RtcJoin | SentSignal): void {
    const { scheduler } = this.#parts;
    if (type === "rtc-offer" && this.#offers.exceeded()) {
      const text = `more than ${offersPerSecond} offers a second`;
      throw new DownloadError("RATE_LIMITED", text, { retryAfterMs: 1000 });
    }
    const now = scheduler.now();
    if (!this.#signals.has(1, now)) {
      const text = `more than ${signalsPerMinute} signals a minute`;
      throw new DownloadError("RATE_LIMITED", text, { retryAfterMs: Math.max(1000, this.#signals.waitMs(1, now)) });
    }
    this.#signals.take(1, now);
  }

  #gather(): void {
    this.#gathering = this.#parts.scheduler.schedule(() => this.#tell(), gatherMs);
  }

  /** Tells what was gathered, as far as the client reads: the rest is gathered on. */
  #tell(): void {
    for (const [root, { joined, left }] of this.#news) {
      while (joined.size + left.size > 0) {
        if (this.#parts.unread() >= mostUnread) {
          this.#gather();
          return;
        }
        this.#parts.reply(encodeMessage({ type: "rtc-peers", root, joined: taken(joined), left: taken(left) }));
      }
      this.#news.delete(root);
    }
  }
}

/** Names for one message, which are left out of those that wait. */
function taken(names: Set<string>): string[] {
  const first = [...names].slice(0, mostRtcPeers);
  for (const name of first) names.delete(name);
  return first;
}
