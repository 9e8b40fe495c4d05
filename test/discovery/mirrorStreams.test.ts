import { type Observable, Subject, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import type { AnsweredMirror, Mirror } from "../../src/discovery/Mirror.js";
import { mirrorPeers } from "../../src/discovery/mirrorPeers.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { copyInto } from "../../src/peers/copyInto.js";
import type { ByteRange, Peer, Receiver } from "../../src/peers/Peer.js";
import { ForwardStream } from "../../src/transfer/ForwardStream.js";

const KiB = 1024;
const chunkBytes = 256 * KiB;
const size = 64 * chunkBytes;

/** A byte of the file by its place. */
const byteAt = (position: number): number => (position * 31 + (position >> 8)) & 0xff;
const bytesAt = (position: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => byteAt(position + index));

/** A request to a mirror, which the test answers. */
class Question {
  readonly from: number;
  readonly end: number;
  readonly bytes = new Subject<Uint8Array>();
  #at: number;

  constructor(from: number, end: number) {
    this.from = from;
    this.end = end;
    this.#at = from;
  }

  get isOpen(): boolean {
    return this.bytes.observed;
  }

  /** Sends so many bytes more, and the end with the last one. */
  send(length: number): void {
    const here = Math.min(length, this.end - this.#at);
    this.#at += here;
    this.bytes.next(bytesAt(this.#at - here, here));
    if (this.#at === this.end) this.bytes.complete();
  }
}

/** A mirror whose answers the test gives, as a peer, in virtual time. */
function setUp({ opened = false, ofBytes = size, isDear = false } = {}) {
  const clock = new VirtualTimeScheduler();
  const asked: Question[] = [];
  const request = ({ position, length }: ByteRange): Observable<Uint8Array> => {
    const question = new Question(position, position + length);
    asked.push(question);
    return question.bytes;
  };
  const mirror = {
    id: "mirror",
    ranges: true,
    hasDearRequests: isDear,
    request,
    read: (range: ByteRange, receiver: Receiver) => copyInto(receiver, request(range)),
    renew: () => undefined,
  } as unknown as Mirror;
  const first = new Question(0, chunkBytes);
  const stream = new ForwardStream({ id: "mirror", bytes: () => first.bytes });
  const said = { ranges: true, size: ofBytes, end: chunkBytes };
  const answered: readonly AnsweredMirror[] = opened ? [{ mirror, said, stream, askedAt: -20, answeredAt: 0 }] : [];
  if (opened) stream.open();
  let peer: Peer | undefined;
  const lists = new Subject<readonly Mirror[]>();
  mirrorPeers(lists, { answered, size: ofBytes, clock }).subscribe(([each]) => (peer = each));
  lists.next([mirror]);
  const told: string[] = [];
  peer?.changes?.subscribe(() => told.push(peer?.isFilling === true ? "filling" : "ordinary"));
  const to = (ms: number): void => {
    clock.schedule(() => undefined, ms - clock.now());
    clock.maxFrames = ms;
    clock.flush();
  };
  return { peer: peer as Peer, asked, first, told, to };
}

/** What a leg that asks for a range was given, and how it ended. What follows up to `freeTo` is missing, too, and asked of nobody. */
function leg(peer: Peer, position: number, length = chunkBytes, freeTo = size) {
  const range = { chunk: Math.floor(position / chunkBytes), offset: 0, position, length };
  const brought = { bytes: 0, isRight: true, end: undefined as unknown, cancel: (): void => undefined };
  const room = new Uint8Array(64 * KiB);
  const came = (bytes: Uint8Array): void => {
    brought.isRight &&= bytes.every((byte, index) => byte === byteAt(position + brought.bytes + index));
    brought.bytes += bytes.length;
  };
  const receiver: Receiver = {
    room: () => room,
    filled: (bytes) => came(room.subarray(0, bytes)),
    following: () => freeTo - position - length,
    take: came,
    complete: () => (brought.end = "complete"),
    fail: (error) => (brought.end = error),
  };
  const cancel = peer.read?.(range, receiver);
  brought.cancel = cancel ?? brought.cancel;
  return brought;
}

const placesOf = (asked: readonly Question[]): readonly string[] =>
  asked.map(({ from, end }) => `${from / chunkBytes}-${end / chunkBytes}`);

describe("A mirror that is asked for neighbour after neighbour, with a wait for each,", () => {
  function inTurn(waitMs: number) {
    const lab = setUp();
    for (let chunk = 0; chunk < 2; chunk++) {
      const began = lab.asked.length;
      leg(lab.peer, chunk * chunkBytes);
      lab.to(chunk * 200 + waitMs);
      lab.asked[began]?.send(chunkBytes);
      lab.to((chunk + 1) * 200);
    }
    return lab;
  }

  it("A mirror that is asked for neighbour after neighbour, with a wait for each, is asked for all that follows at once, from the third on, and each leg has its own bytes of it", () => {
    const { peer, asked } = inTurn(100);
    const third = leg(peer, 2 * chunkBytes);
    expect(placesOf(asked)).toEqual(["0-1", "1-2", "2-64"]);
    asked[2]?.send(chunkBytes + 100);
    expect(third).toMatchObject({ bytes: chunkBytes, isRight: true, end: "complete" });
    const fourth = leg(peer, 3 * chunkBytes);
    expect(fourth).toMatchObject({ bytes: 100, isRight: true, end: undefined });
    asked[2]?.send(chunkBytes);
    expect(fourth).toMatchObject({ bytes: chunkBytes, isRight: true, end: "complete" });
    expect(asked).toHaveLength(3);
  });

  it("A mirror that is asked for neighbour after neighbour is asked for no more than is missing and asked of nobody", () => {
    const { peer, asked } = inTurn(100);
    leg(peer, 2 * chunkBytes, chunkBytes, 5 * chunkBytes);
    expect(placesOf(asked).slice(2)).toEqual(["2-5"]);
    const alone = inTurn(100);
    leg(alone.peer, 2 * chunkBytes, chunkBytes, 3 * chunkBytes);
    expect(placesOf(alone.asked).slice(2)).toEqual(["2-3"]);
  });

  it("A stream of a mirror is left where its leg is cancelled, and read on by who asks for what follows there, and by nobody else", () => {
    const { peer, asked } = inTurn(100);
    const third = leg(peer, 2 * chunkBytes);
    asked[2]?.send(1000);
    third.cancel();
    expect(asked[2]?.isOpen).toBe(true);
    const goingOn = leg(peer, 2 * chunkBytes + 1000, chunkBytes - 1000);
    asked[2]?.send(chunkBytes - 1000);
    expect(goingOn).toMatchObject({ bytes: chunkBytes - 1000, isRight: true, end: "complete" });
    leg(peer, 9 * chunkBytes);
    expect(placesOf(asked).at(-1)).toBe("9-10");
    expect(asked[2]?.isOpen).toBe(false);
  });

  it("A stream of a mirror fails the leg that is read when it breaks, and no other", () => {
    const { peer, asked } = inTurn(100);
    const third = leg(peer, 2 * chunkBytes);
    asked[2]?.send(chunkBytes);
    const fourth = leg(peer, 3 * chunkBytes);
    const broken = new DownloadError("CONNECTION_RESET", "gone");
    asked[2]?.bytes.error(broken);
    expect([third.end, fourth.end]).toEqual(["complete", broken]);
    leg(peer, 3 * chunkBytes);
    expect(placesOf(asked).at(-1)).toBe("3-4");
  });

  it("A mirror with a stream is asked on its own connection for what another leg wants beside it", () => {
    const { peer, asked } = inTurn(100);
    leg(peer, 2 * chunkBytes);
    const beside = leg(peer, 3 * chunkBytes);
    expect(placesOf(asked).slice(2)).toEqual(["2-64", "3-4"]);
    asked[3]?.send(chunkBytes);
    expect(beside).toMatchObject({ isRight: true, end: "complete" });
    expect(asked[2]?.isOpen).toBe(true);
  });

  it("A mirror is asked for each chunk alone where the wait is short", () => {
    const { peer, asked } = inTurn(5);
    leg(peer, 2 * chunkBytes);
    expect(placesOf(asked)).toEqual(["0-1", "1-2", "2-3"]);
  });
});

describe("A mirror whose legs overlap", () => {
  it("A mirror whose legs overlap is asked for each alone", () => {
    const { peer, asked, to } = setUp();
    for (let chunk = 0; chunk < 5; chunk++) {
      leg(peer, chunk * chunkBytes);
      to(100 * (chunk + 1));
      if (chunk > 0) asked[chunk - 1]?.send(chunkBytes);
    }
    expect(placesOf(asked)).toEqual(["0-1", "1-2", "2-3", "3-4", "4-5"]);
  });
});

describe("A mirror whose requests are dear", () => {
  const MiB = 1024 * KiB;

  it("A mirror whose requests are dear is read along one answer as long as that is ample", () => {
    const { peer, asked, to, told } = setUp({ isDear: true });
    for (let chunk = 0; chunk < 64; chunk++) {
      const each = leg(peer, chunk * chunkBytes);
      to(3 * (chunk + 1));
      asked[0]?.send(chunkBytes);
      expect(each).toMatchObject({ isRight: true, end: "complete" });
    }
    expect([placesOf(asked), peer.isAmple, told]).toEqual([["0-64"], true, []]);
  });

  it("A mirror whose requests are dear is asked for more at a time when one answer is not ample, whatever comes later", () => {
    const { peer, asked, to, told } = setUp({ isDear: true });
    leg(peer, 0);
    to(100);
    asked[0]?.send(1000);
    expect(peer.isAmple).toBe(true);
    to(201);
    asked[0]?.send(1000);
    expect([peer.isAmple, told]).toEqual([false, ["ordinary"]]);
    asked[0]?.send(64 * MiB);
    leg(peer, 4 * chunkBytes);
    expect([placesOf(asked), peer.isAmple]).toEqual([["0-64", "4-5"], false]);
  });

  it("A mirror whose requests are dear is not blamed for time in which nobody read", () => {
    const { peer, asked, to } = setUp({ isDear: true });
    leg(peer, 0);
    asked[0]?.send(chunkBytes);
    to(5000);
    leg(peer, chunkBytes);
    to(5001);
    asked[0]?.send(chunkBytes);
    expect(peer.isAmple).toBe(true);
  });

  it("A mirror whose requests are dear is asked for no more than its range where others bring what follows", () => {
    const { peer, asked } = setUp({ isDear: true });
    leg(peer, 0, chunkBytes, chunkBytes);
    expect(placesOf(asked)).toEqual(["0-1"]);
  });
});

describe("A mirror whose first answer is open", () => {
  it("A mirror whose first answer is open is asked for all that follows when that is read, and takes more when it answers as promptly", () => {
    const { peer, asked, first, told, to } = setUp({ opened: true });
    expect(peer.isFilling).toBe(true);
    const zeroth = leg(peer, 0);
    expect(placesOf(asked)).toEqual(["1-64"]);
    to(30);
    asked[0]?.send(1000);
    expect([peer.isFilling, told]).toEqual([false, ["ordinary"]]);
    const next = leg(peer, chunkBytes);
    const beside = leg(peer, 2 * chunkBytes);
    first.send(chunkBytes);
    asked[0]?.send(chunkBytes - 1000);
    asked[1]?.send(chunkBytes);
    for (const each of [zeroth, next, beside]) expect(each).toMatchObject({ isRight: true, end: "complete" });
    expect(placesOf(asked)).toEqual(["1-64", "2-3"]);
    leg(peer, 4 * chunkBytes);
    expect(asked[0]?.isOpen).toBe(false);
  });

  it("A mirror is a cache that fills when the next answer begins late, about when the first ends: it is read along that one", () => {
    const { peer, asked, first, told, to } = setUp({ opened: true });
    leg(peer, 0);
    to(250);
    first.send(chunkBytes);
    const next = leg(peer, chunkBytes);
    to(270);
    asked[0]?.send(chunkBytes);
    to(520);
    expect(next).toMatchObject({ isRight: true, end: "complete" });
    const third = leg(peer, 2 * chunkBytes);
    asked[0]?.send(chunkBytes);
    expect(third).toMatchObject({ isRight: true, end: "complete" });
    expect([peer.isFilling, told, placesOf(asked)]).toEqual([true, [], ["1-64"]]);
  });

  it("A mirror is no cache that fills when the next answer is later than the end of the first", () => {
    const { peer, asked, first, to } = setUp({ opened: true });
    leg(peer, 0);
    to(50);
    first.send(chunkBytes);
    to(1000);
    asked[0]?.send(1000);
    expect(peer.isFilling).toBe(false);
  });

  it("A mirror is no cache that fills when the next answer is late while the first has long to flow", () => {
    const { peer, asked, first, to } = setUp({ opened: true });
    leg(peer, 0);
    first.send(1000);
    to(1000);
    asked[0]?.send(1000);
    expect(peer.isFilling).toBe(false);
  });

  it("A mirror is no cache that fills when what was late flows fast: we ourselves were slow", () => {
    const { peer, asked, first, to, told } = setUp({ opened: true });
    leg(peer, 0);
    to(200);
    first.send(chunkBytes);
    asked[0]?.send(chunkBytes);
    leg(peer, chunkBytes);
    expect(peer.isFilling).toBe(true);
    to(202);
    leg(peer, 2 * chunkBytes);
    asked[0]?.send(chunkBytes);
    expect([peer.isFilling, told]).toEqual([false, ["ordinary"]]);
  });

  it("A cache that fills is full when it begins promptly elsewhere, after its answer broke", () => {
    const { peer, asked, first, to } = setUp({ opened: true });
    leg(peer, 0);
    to(250);
    first.send(chunkBytes);
    asked[0]?.send(1000);
    leg(peer, chunkBytes);
    asked[0]?.bytes.error(new DownloadError("CONNECTION_RESET", "gone"));
    to(400);
    leg(peer, chunkBytes + 1000, chunkBytes - 1000);
    expect(asked.at(-1)).toMatchObject({ from: chunkBytes + 1000, end: size });
    expect(peer.isFilling).toBe(true);
    to(410);
    asked.at(-1)?.send(1000);
    expect(peer.isFilling).toBe(false);
  });

  it("A cache that fills takes more when the next question fails, and after its connections were renewed", () => {
    const refused = setUp({ opened: true });
    leg(refused.peer, 0);
    refused.asked[0]?.bytes.error(new DownloadError("PEER_BUSY", "one is enough"));
    expect(refused.peer.isFilling).toBe(false);
    const renewed = setUp({ opened: true });
    leg(renewed.peer, 0);
    renewed.peer.renew?.();
    expect(renewed.peer.isFilling).toBe(false);
    expect([renewed.first.isOpen, renewed.asked[0]?.isOpen]).toEqual([false, false]);
  });

  it("A mirror whose first answer is open is asked for no more than it says where the file is small", () => {
    const { peer, asked } = setUp({ opened: true, ofBytes: 32 * chunkBytes });
    leg(peer, 0);
    expect([peer.isFilling, placesOf(asked)]).toEqual([false, []]);
  });
});
