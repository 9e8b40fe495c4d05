import { BehaviorSubject, type Observable, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { ForwardStream } from "../../src/transfer/ForwardStream.js";
import { marbles } from "../operators/marbles.js";

const mebibyte = 1024 * 1024;

/** A stream that the test feeds, whatever it is told. */
function setUp() {
  const bytes = new Subject<Uint8Array>();
  const paused: boolean[] = [];
  let passedOver = 0;
  const bytesOf = (pauses: Observable<boolean>): Observable<Uint8Array> => {
    pauses.subscribe((now) => paused.push(now));
    return bytes;
  };
  const stream = new ForwardStream({ id: "mirror", bytes: bytesOf }, (more) => (passedOver += more));
  return { bytes, paused, stream, passedOver: () => passedOver };
}

function read(stream: ForwardStream, position: number, length: number) {
  const told: { received: number; end: unknown } = { received: 0, end: undefined };
  const subscription = stream.read(position, length).subscribe({
    next: (bytes) => (told.received += bytes.length),
    error: (error: unknown) => (told.end = error),
    complete: () => (told.end = "complete"),
  });
  return { told, subscription };
}

describe("between two readers", () => {
  it("A piece that nobody has taken is kept, whatever becomes of its memory", () => {
    const { bytes, stream } = setUp();
    const memory = Uint8Array.of(1, 2, 3, 4);
    const taken: number[] = [];
    const reader = (position: number, length: number) =>
      stream.read(position, length).subscribe((piece) => taken.push(...piece));
    reader(0, 2);
    bytes.next(memory);
    memory.fill(9);
    bytes.next(memory.subarray(0, 1));
    memory.fill(8);
    reader(2, 3);
    expect(taken).toEqual([1, 2, 3, 4, 9]);
  });

  it("Between two readers the stream is paused, and nothing that came is lost", () => {
    const { bytes, paused, stream } = setUp();
    read(stream, 0, 4);
    expect(paused).toEqual([false, false]);
    bytes.next(new Uint8Array(6));
    expect(paused.at(-1)).toBe(true);
    const second = read(stream, 4, 4);
    expect(second.told.received).toBe(2);
    expect(paused.at(-1)).toBe(false);
  });

  it("After a reader left the stream is paused, and what it lacked is there for the next", () => {
    const { bytes, paused, stream } = setUp();
    const first = read(stream, 0, 4);
    bytes.next(new Uint8Array(1));
    first.subscription.unsubscribe();
    expect(paused.at(-1)).toBe(true);
    bytes.next(new Uint8Array(5));
    expect(stream.reaches(1)).toBe(true);
    expect(stream.reaches(0)).toBe(false);
    const second = read(stream, 1, 5);
    expect(second.told).toEqual({ received: 5, end: "complete" });
  });

  it("A reader that stops within a piece leaves the rest where it is", () => {
    const { bytes, stream } = setUp();
    const first = stream.read(0, 8).subscribe(() => first.unsubscribe());
    bytes.next(new Uint8Array(4));
    bytes.next(new Uint8Array(4));
    expect(stream.reaches(4)).toBe(true);
    expect(read(stream, 4, 4).told).toEqual({ received: 4, end: "complete" });
  });

  it("A reader that reads on from the end of another loses nothing", () => {
    const { bytes, stream } = setUp();
    let second: ReturnType<typeof read> | undefined;
    stream.read(0, 3).subscribe({ complete: () => (second = read(stream, 3, 3)) });
    bytes.next(new Uint8Array(6));
    expect(second?.told).toEqual({ received: 3, end: "complete" });
  });

  it("4 MiB may come unasked; with more, the stream is let go", () => {
    const { bytes, stream } = setUp();
    read(stream, 0, 1).subscription.unsubscribe();
    bytes.next(new Uint8Array(4 * mebibyte));
    expect(bytes.observed).toBe(true);
    bytes.next(new Uint8Array(1));
    expect(bytes.observed).toBe(false);
    expect(stream.reaches(0)).toBe(false);
  });

  it(
    "A stream between two readers waits in the time of its source",
    marbles(({ cold, expectObservable, expectSubscriptions, time }) => {
      const piece = new Uint8Array([7]);
      const pieces = cold("--a-a---a|", { a: piece });
      const stream = new ForwardStream({ id: "mirror", bytes: () => pieces }, () => undefined);
      expectObservable(stream.read(0, 1), "^---").toBe("--(a|)", { a: piece });
      expectObservable(stream.read(1, 2), `${time("---|")}ms ^`).toBe("----a---(a|)", { a: piece });
      expectSubscriptions(pieces.subscriptions).toBe("^--------!");
    }),
  );
});

describe("the end of a stream", () => {
  const broken = new DownloadError("CONNECTION_RESET", "gone");

  it("The end of a stream is told to whoever reads, as an error or a completion", () => {
    const [one, other] = [setUp(), setUp()];
    const [failed, completed] = [read(one.stream, 0, 4), read(other.stream, 0, 4)];
    one.bytes.next(new Uint8Array(2));
    one.bytes.error(broken);
    other.bytes.complete();
    expect(failed.told).toEqual({ received: 2, end: broken });
    expect(completed.told).toEqual({ received: 0, end: "complete" });
  });

  it("The end of a stream waits until what came before it is read", () => {
    const { bytes, stream } = setUp();
    read(stream, 0, 2);
    bytes.next(new Uint8Array(6));
    bytes.error(broken);
    expect([2, 5, 6].map((position) => stream.reaches(position))).toEqual([true, true, false]);
    expect(read(stream, 2, 2).told).toEqual({ received: 2, end: "complete" });
    expect(read(stream, 4, 4).told).toEqual({ received: 2, end: broken });
    expect(stream.reaches(6)).toBe(false);
  });

  it("The end of a stream is the reader's alone: an error that nobody waits for is thrown at nobody", () => {
    const { bytes, stream } = setUp();
    read(stream, 0, 4).subscription.unsubscribe();
    bytes.error(broken);
    expect(stream.reaches(0)).toBe(false);
  });

  it("Closing a stream frees what was not read and drops the source", () => {
    const { bytes, stream } = setUp();
    read(stream, 0, 2);
    bytes.next(new Uint8Array(4));
    stream.close();
    expect(bytes.observed).toBe(false);
    expect(stream.reaches(2)).toBe(false);
    expect(read(stream, 2, 2).told).toMatchObject({ received: 0, end: { code: "CONNECTION_LOST" } });
  });

  it("Closing a stream leaves a source that obeys a pause", () => {
    const pauses = new BehaviorSubject<boolean | undefined>(undefined);
    const bytes = new Subject<Uint8Array>();
    const bytesOf = (said: Observable<boolean>): Observable<Uint8Array> => {
      said.subscribe(pauses);
      return bytes;
    };
    const stream = new ForwardStream({ id: "mirror", bytes: bytesOf }, () => undefined);
    const reader = read(stream, 0, 2);
    bytes.next(new Uint8Array(2));
    expect(reader.told.end).toBe("complete");
    expect(pauses.value).toBe(true);
  });
});
