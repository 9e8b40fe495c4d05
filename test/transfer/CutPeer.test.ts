import { EMPTY, from, NEVER, type Observable, of, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import type { ByteRange } from "../../src/peers/Peer.js";
import { CutPeer, type WholeSource } from "../../src/transfer/CutPeer.js";

/** A source of which each stream is the test's to feed. */
class Streams implements WholeSource {
  readonly id = "mirror";
  readonly begun: Subject<Uint8Array>[] = [];
  readonly pauses: Observable<boolean>[] = [];
  renewed = 0;

  whole(paused: Observable<boolean>): Observable<Uint8Array> {
    const stream = new Subject<Uint8Array>();
    this.begun.push(stream);
    this.pauses.push(paused);
    return stream;
  }

  renew(): void {
    this.renewed++;
  }

  /** Whether each stream is still read. */
  get open(): readonly boolean[] {
    return this.begun.map(({ observed }) => observed);
  }

  say(text: string): void {
    this.begun.at(-1)?.next(Buffer.from(text));
  }
}

/** What a request brought, and how it ended. */
function ask(peer: CutPeer, position: number, length: number) {
  const told: { text: string; pieces: number[]; end: unknown } = { text: "", pieces: [], end: undefined };
  const subscription = peer.request(rangeAt(position, length)).subscribe({
    next: (bytes) => {
      told.text += Buffer.from(bytes).toString();
      told.pieces.push(bytes.length);
    },
    error: (error: unknown) => (told.end = error),
    complete: () => (told.end = "complete"),
  });
  return { told, subscription };
}

function rangeAt(position: number, length: number): ByteRange {
  return { chunk: 0, offset: 0, length, position };
}

function setUp() {
  const streams = new Streams();
  const peer = new CutPeer(streams);
  const passedOver: number[] = [];
  peer.passedOver.subscribe((bytes) => passedOver.push(bytes));
  return { streams, peer, passedOver };
}

describe("a whole stream that is cut", () => {
  it("A whole stream that is cut has its source's name, no ranges, and does nothing before it is asked", () => {
    const { streams, peer } = setUp();
    peer.request(rangeAt(0, 4));
    expect(peer).toMatchObject({ id: "mirror", ranges: false });
    expect(streams.begun).toHaveLength(0);
  });

  it("A cut stream serves ranges in their order out of one stream, however it comes in pieces", () => {
    const { streams, peer, passedOver } = setUp();
    const first = ask(peer, 0, 4);
    streams.say("aa");
    expect(first.told).toEqual({ text: "aa", pieces: [2], end: undefined });
    streams.say("aabbb");
    expect(first.told).toEqual({ text: "aaaa", pieces: [2, 2], end: "complete" });
    const second = ask(peer, 4, 4);
    expect(second.told.text).toBe("bbb");
    streams.say("bc");
    expect(second.told).toEqual({ text: "bbbb", pieces: [3, 1], end: "complete" });
    expect(streams.begun).toHaveLength(1);
    expect(passedOver).toEqual([]);
  });

  it("A cut stream passes over what lies before the range, with an empty piece for each that comes, and counts it", () => {
    const { streams, peer, passedOver } = setUp();
    const { told } = ask(peer, 5, 2);
    streams.say("aaa");
    streams.say("aabbcc");
    expect(told).toEqual({ text: "bb", pieces: [0, 2], end: "complete" });
    expect(passedOver).toEqual([3, 2]);
  });

  it("A cut stream begins anew for a range behind it, and lets the old stream go", () => {
    const { streams, peer, passedOver } = setUp();
    ask(peer, 0, 4);
    streams.say("aaaabbbb");
    ask(peer, 4, 4);
    const again = ask(peer, 0, 4);
    expect(streams.open).toEqual([false, true]);
    streams.say("aaaa");
    expect(again.told).toEqual({ text: "aaaa", pieces: [4], end: "complete" });
    expect(passedOver).toEqual([]);
  });

  it("A cut stream begins anew after it was renewed, and tells its source", () => {
    const { streams, peer } = setUp();
    ask(peer, 0, 1);
    streams.say("a");
    peer.renew();
    expect(streams).toMatchObject({ renewed: 1, open: [false] });
    const { told } = ask(peer, 1, 1);
    streams.say("ab");
    expect(told).toMatchObject({ text: "b", end: "complete" });
    expect(streams.begun).toHaveLength(2);
  });

  it("A cut stream needs no source that can be renewed", () => {
    const peer = new CutPeer({ id: "plain", whole: () => of(Buffer.from("ab")) });
    peer.renew();
    expect(ask(peer, 0, 2).told).toMatchObject({ text: "ab", end: "complete" });
  });

  it("A cut stream that is closed ends its reader with CONNECTION_LOST, and begins again for the next one", () => {
    const { streams, peer } = setUp();
    const { told } = ask(peer, 0, 4);
    streams.say("aa");
    peer.close();
    expect(told).toMatchObject({ text: "aa", end: { code: "CONNECTION_LOST", peer: "mirror" } });
    expect(streams.open).toEqual([false]);
    const next = ask(peer, 0, 2);
    streams.say("aa");
    expect(next.told.end).toBe("complete");
  });

  it("A cut stream has one reader: the next one ends the one before", () => {
    const { streams, peer } = setUp();
    const first = ask(peer, 0, 4);
    streams.say("aa");
    const second = ask(peer, 2, 4);
    expect(first.told.end).toMatchObject({ code: "CONNECTION_LOST" });
    first.subscription.unsubscribe();
    streams.say("aabb");
    expect(second.told).toEqual({ text: "aabb", pieces: [4], end: "complete" });
  });
});

describe("a source that answers at once", () => {
  it("A source that answers at once serves each range whole", () => {
    let begun = 0;
    const whole = (): Observable<Uint8Array> => {
      begun++;
      return of(Buffer.from("aaaabb"), Buffer.from("bbcccc"));
    };
    const peer = new CutPeer({ id: "memory", whole });
    expect([0, 4, 8].map((position) => ask(peer, position, 4).told.text)).toEqual(["aaaa", "bbbb", "cccc"]);
    expect(begun).toBe(1);
    expect(ask(peer, 4, 4).told.text).toBe("bbbb");
    expect(begun).toBe(2);
  });

  it("A source that answers at once serves whoever asks on as soon as it has what it asked for", () => {
    let begun = 0;
    const whole = (): Observable<Uint8Array> => {
      begun++;
      return of(Buffer.from("aaaabbbb"), Buffer.from("cccc"));
    };
    const peer = new CutPeer({ id: "memory", whole });
    let second: ReturnType<typeof ask> | undefined;
    const askOn = (): void => void (second = ask(peer, 4, 8));
    peer.request(rangeAt(0, 4)).subscribe({ complete: askOn });
    expect(second?.told).toMatchObject({ text: "bbbbcccc", end: "complete" });
    expect(begun).toBe(1);
  });

  it("A request that a source has no bytes for completes, so that it is short", () => {
    const peer = new CutPeer({ id: "empty", whole: () => EMPTY });
    expect(ask(peer, 0, 4).told).toEqual({ text: "", pieces: [], end: "complete" });
  });

  it("A source is stopped when it sends what nobody asks for", () => {
    let sent = 0;
    function* endless(): Generator<Uint8Array> {
      for (; sent < 100; sent++) yield new Uint8Array(1024 * 1024);
    }
    const whole = (): Observable<Uint8Array> => from(endless());
    const peer = new CutPeer({ id: "hasty", whole });
    expect(ask(peer, 0, 4).told).toMatchObject({ pieces: [4], end: "complete" });
    expect(sent).toBeLessThan(10);
  });

  it("A source may say nothing for ever", () => {
    const peer = new CutPeer({ id: "silent", whole: () => NEVER });
    const { told, subscription } = ask(peer, 0, 4);
    subscription.unsubscribe();
    expect(told.end).toBeUndefined();
  });
});
