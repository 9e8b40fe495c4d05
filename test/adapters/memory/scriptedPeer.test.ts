import { lastValueFrom, map, take, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { type PeerScript, scriptedPeer } from "../../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";

const file = Uint8Array.from({ length: 1000 }, (_, index) => index % 256);
const whole = { chunk: 0, offset: 0, length: 1000, position: 0 };
const virtual =
  (run: (helpers: Parameters<Parameters<TestScheduler["run"]>[0]>[0], scheduler: TestScheduler) => void) => () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run((helpers) => run(helpers, scheduler));
  };
/** Sizes of the pieces that one request brings at once, and the code that it ended with. */
const outcome = (script: PeerScript, range = whole) => {
  const seen: (number | string)[] = [];
  scriptedPeer("p", file, script)
    .request(range)
    .subscribe({
      next: ({ length }) => seen.push(length),
      error: (error: unknown) => seen.push(error instanceof DownloadError ? error.code : "?"),
      complete: () => seen.push("done"),
    });
  return seen;
};

describe("scriptedPeer", () => {
  it("A scripted peer serves the bytes asked for, in order and at once", async () => {
    const peer = scriptedPeer("p", file, { pieceBytes: 300 });
    const pieces = await lastValueFrom(
      peer.request({ chunk: 1, offset: 100, length: 700, position: 200 }).pipe(toArray()),
    );
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(file.subarray(200, 900)));
    expect(outcome({ pieceBytes: 300 })).toEqual([300, 300, 300, 100, "done"]);
    expect(peer).toMatchObject({ id: "p", ranges: true });
    expect(peer).not.toHaveProperty("has");
  });

  it("A scripted peer serves no bytes behind the end of the file", () => {
    expect(outcome({}, { ...whole, position: 990 })).toEqual([10, "done"]);
    expect(outcome({}, { ...whole, length: 0 })).toEqual(["done"]);
  });

  it("A scripted peer flips the byte that it is told to corrupt, and no other, and not in the file itself", async () => {
    const before = file.slice();
    const peer = scriptedPeer("p", file, { corruptAt: 500, pieceBytes: 300 });
    const served = Buffer.concat(await lastValueFrom(peer.request(whole).pipe(toArray())));
    expect([...served.keys()].filter((at) => served[at] !== file[at])).toEqual([500]);
    expect(file).toEqual(before);
  });

  it("A scripted peer breaks each request off after so many bytes, unless it is over by then", () => {
    expect(outcome({ failAfterBytes: 450, pieceBytes: 300 })).toEqual([300, 150, "CONNECTION_LOST"]);
    expect(outcome({ failAfterBytes: 300, pieceBytes: 300, failWith: "TIMEOUT" })).toEqual([300, "TIMEOUT"]);
    expect(outcome({ failAfterBytes: 0 })).toEqual(["CONNECTION_LOST"]);
    expect(outcome({ failAfterBytes: 1000 })).toEqual([1000, "done"]);
  });

  it("A scripted peer dies after so many bytes over all requests", () => {
    const peer = scriptedPeer("p", file, { diesAfterBytes: 1200, pieceBytes: 300 });
    const seen: unknown[] = [];
    for (let request = 0; request < 3; request++) {
      peer.request(whole).subscribe({
        next: ({ length }) => seen.push(length),
        error: (error: unknown) => seen.push((error as DownloadError).code),
        complete: () => seen.push("done"),
      });
    }
    expect(seen).toEqual([300, 300, 300, 100, "done", 200, "CONNECTION_LOST", "CONNECTION_LOST"]);
  });

  it("A scripted peer refuses with the code or the error that it is told", () => {
    expect(outcome({ refuseWith: "AUTH_FAILED" })).toEqual(["AUTH_FAILED"]);
    const error = new DownloadError("PEER_BUSY", "later", { retryAfterMs: 5 });
    let seen: unknown;
    scriptedPeer("p", file, { refuseWith: error })
      .request(whole)
      .subscribe({ error: (thrown: unknown) => (seen = thrown) });
    expect(seen).toBe(error);
  });

  it("A scripted peer says what it has and whether it can start in the middle", () => {
    const peer = scriptedPeer("p", file, { has: (chunk) => chunk === 1, ranges: false });
    expect([peer.has?.(0), peer.has?.(1), peer.ranges]).toEqual([false, true, false]);
  });

  it("A scripted peer stops a synchronous answer when nobody listens any more", async () => {
    let pulled = 0;
    const peer = scriptedPeer("p", file, { pieceBytes: 1 });
    await lastValueFrom(
      peer.request(whole).pipe(
        map(() => (pulled += 1)),
        take(3),
      ),
    );
    expect(pulled).toBe(3);
  });

  it(
    "A scripted peer takes its time from the scheduler: the round trip, then each piece at its speed",
    virtual(({ expectObservable }, scheduler) => {
      const peer = scriptedPeer("p", file, { roundTripMs: 5, bytesPerSecond: 100_000, pieceBytes: 400, scheduler });
      const sizes = peer.request(whole).pipe(map(({ length }) => String(length / 100)));
      // 400 bytes at 100 a millisecond.
      expectObservable(sizes).toBe("5ms ----4---4-(2|)");
      expectObservable(sizes, "----------!").toBe("5ms ----4");
    }),
  );

  it(
    "A scripted peer breaks off and refuses in virtual time too",
    virtual(({ expectObservable }, scheduler) => {
      const lost = new DownloadError("CONNECTION_LOST", "cable");
      const slow = { roundTripMs: 2, bytesPerSecond: 100_000, pieceBytes: 400, failWith: lost, scheduler };
      const sizes = (script: PeerScript) =>
        scriptedPeer("p", file, script)
          .request(whole)
          .pipe(map(({ length }) => String(length / 100)));
      expectObservable(sizes({ ...slow, failAfterBytes: 600 })).toBe("------4-(2#)", undefined, lost);
      expectObservable(sizes({ ...slow, refuseWith: lost })).toBe("--#", undefined, lost);
      expectObservable(sizes({ ...slow, hang: true })).toBe("-");
    }),
  );

  it("A scripted peer serves each subscription afresh", () => {
    const request = scriptedPeer("p", file, { failAfterBytes: 700, pieceBytes: 1000 }).request(whole);
    const seen: number[] = [];
    for (const subscription of [1, 2])
      request.subscribe({ next: ({ length }) => seen.push(subscription, length), error: () => undefined });
    expect(seen).toEqual([1, 700, 2, 700]);
  });
});
