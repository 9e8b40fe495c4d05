import { concat, defer, EMPTY, mergeMap, NEVER, type Observable, Subject, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Peer } from "../../src/peers/Peer.js";
import { Bench, peerNamed } from "./bench.js";

/** A peer that gives the file only as a whole. */
const wholeNamed = (id: string, has?: (chunk: number) => boolean): Peer => ({ ...peerNamed(id, has), ranges: false });

function stage(...ranged: readonly Peer[]) {
  const bench = new Bench();
  bench.start([wholeNamed("W"), ...ranged]);
  return bench;
}

describe("a peer that gives the file only as a whole", () => {
  it("A peer that gives the file only as a whole has one leg, however much it has proved", () => {
    const bench = stage();
    for (let i = 0; i < 5; i++) bench.deliver("W", 100_000);
    expect(bench.canBeAsked()).toEqual(["W"]);
    const lease = bench.pool.lease(wholeNamed("W"), 0);
    expect(bench.canBeAsked(1)).toEqual([]);
    lease.delivered();
    expect(bench.canBeAsked(1)).toEqual(["W"]);
  });

  it("A peer of wholes waits while another one is well, even if that has no room", () => {
    const bench = stage(peerNamed("A"));
    expect(bench.canBeAsked()).toEqual(["A"]);
    bench.lease("A");
    expect(bench.canBeAsked(1)).toEqual([]);
  });

  it.each([
    ["is blacklisted", (bench: Bench) => [1, 2, 3].forEach(() => bench.fail("A"))],
    ["is not asked again", (bench: Bench) => bench.fail("A", "AUTH_FAILED")],
    ["lies", (bench: Bench) => bench.fail("A", "INVALID_CHUNK")],
    ["has left", (bench: Bench) => bench.source.next([wholeNamed("W")])],
  ] as const)("A peer of wholes is asked when the other one %s", (_, harm) => {
    const bench = stage(peerNamed("A"));
    harm(bench);
    expect(bench.canBeAsked()).toEqual(["W"]);
  });

  it("A peer of wholes waits again when a better one joins", () => {
    const bench = stage();
    expect(bench.canBeAsked()).toEqual(["W"]);
    bench.source.next([wholeNamed("W"), peerNamed("A")]);
    expect(bench.canBeAsked()).toEqual(["A"]);
  });

  it("A peer of wholes is not asked beside the one that is tried again after its blacklist", () => {
    const bench = stage(peerNamed("A"));
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(300_000);
    expect(bench.state("A").health.state).toBe("half-open");
    expect(bench.canBeAsked()).toEqual(["A"]);
  });

  it("A peer of wholes is asked at once for a chunk that nobody else has", () => {
    const bench = stage(peerNamed("A", (chunk) => chunk !== 3));
    expect([bench.canBeAsked(3), bench.canBeAsked(4)]).toEqual([["W"], ["A"]]);
  });
});

describe("a mirror that turns out to give only whole files", () => {
  it("A mirror that turns out to give only wholes comes back as another object, of which nothing is known to be missing", () => {
    const bench = stage(peerNamed("M"));
    bench.fail("M", "CHUNK_NOT_AVAILABLE", 2);
    bench.source.next([peerNamed("M")]);
    bench.source.next([wholeNamed("M")]);
    expect(bench.canBeAsked(2)).toEqual(["M"]);
    expect(bench.events("peer-joined").filter((event) => "peer" in event && event.peer === "M")).toHaveLength(1);
  });

  it("A mirror of wholes lacks nothing because of a request to the object before", () => {
    const bench = stage(peerNamed("M"));
    const lease = bench.lease("M", 2);
    bench.source.next([wholeNamed("M")]);
    lease.failed(new DownloadError("CHUNK_NOT_AVAILABLE", "sends only the whole file"));
    expect(bench.canBeAsked(2)).toEqual(["M"]);
  });

  it("A mirror of wholes lacks nothing because of a request to an object before that was like it", () => {
    const bench = stage(peerNamed("M"));
    const lease = bench.lease("M", 2);
    bench.source.next([peerNamed("M")]);
    lease.failed(new DownloadError("CHUNK_NOT_AVAILABLE", "not here"));
    expect(bench.canBeAsked(2)).toEqual(["M"]);
  });

  it("A mirror of wholes lacks what it says to lack itself", () => {
    const whole = wholeNamed("M");
    const bench = stage(whole);
    bench.source.next([whole]);
    bench.pool.lease(whole, 2).failed(new DownloadError("CHUNK_NOT_AVAILABLE", "not here"));
    bench.source.next([whole]);
    expect([bench.canBeAsked(2), bench.canBeAsked(3)]).toEqual([[], ["M"]]);
  });

  it("A mirror that turns out to give only wholes may be the same object, and lacks nothing because of the request that showed it", () => {
    let ranges = true;
    const mirror: Peer = {
      ...peerNamed("M"),
      get ranges() {
        return ranges;
      },
    };
    const bench = new Bench();
    bench.start([mirror]);
    const [lease, other] = [bench.pool.lease(mirror, 2), bench.pool.lease(mirror, 3)];
    ranges = false;
    lease.failed(new DownloadError("CHUNK_NOT_AVAILABLE", "sends only the whole file"));
    other.failed(new DownloadError("CHUNK_NOT_AVAILABLE", "sends only the whole file"));
    expect([2, 3].map((chunk) => bench.canBeAsked(chunk).includes("M"))).toEqual([true, true]);
  });

  it("A mirror of wholes that went away keeps no other like it waiting", () => {
    let ranges = true;
    const mirror: Peer = {
      ...peerNamed("M"),
      get ranges() {
        return ranges;
      },
    };
    const bench = stage(mirror);
    const lease = bench.pool.lease(mirror, 2);
    expect(bench.canBeAsked()).not.toContain("W");
    ranges = false;
    lease.failed(new DownloadError("CHUNK_NOT_AVAILABLE", "sends only the whole file"));
    expect(bench.canBeAsked()).toContain("W");
  });
});

describe("Of several peers that give the file only as a whole", () => {
  function two() {
    const bench = new Bench();
    bench.start([wholeNamed("V"), wholeNamed("W")]);
    return bench;
  }

  it("Of two peers of wholes one is asked, whether it has room or not", () => {
    const bench = two();
    expect(bench.canBeAsked()).toEqual(["V"]);
    const lease = bench.pool.lease(wholeNamed("V"), 0);
    expect(bench.canBeAsked(1)).toEqual([]);
    lease.received(1000);
    lease.delivered();
    expect(bench.canBeAsked(1)).toEqual(["V"]);
    expect(bench.pool.violations).toEqual([]);
  });

  it("Of two peers of wholes another one takes the place of one that fails, and keeps it", () => {
    const bench = two();
    bench.fail("V");
    expect(bench.canBeAsked()).toEqual(["W"]);
    const lease = bench.pool.lease(wholeNamed("W"), 0);
    lease.received(1000);
    lease.delivered();
    expect(bench.canBeAsked()).toEqual(["W"]);
    expect(bench.pool.violations).toEqual([]);
  });
});

describe("A new chunk on a peer that gives the file only as a whole", () => {
  /** Chunks whose beginnings come from disk, as they ask for a peer. */
  function admitted(bench: Bench, ...beginnings: readonly Observable<never>[]): readonly number[] {
    const asking: number[] = [];
    const chunks = beginnings.map((beginning, chunk) =>
      concat(
        beginning,
        defer(() => bench.pool.candidates(chunk)),
      ).pipe(
        tap(() => asking.push(chunk)),
        bench.pool.opened(chunk),
      ),
    );
    bench.pool.admit.pipe(mergeMap(() => chunks.shift() ?? NEVER)).subscribe();
    return asking;
  }

  it("A chunk of a peer of wholes waits for one that came before it, and whose beginning is read from disk", () => {
    const bench = stage();
    const beginning = new Subject<never>();
    const asking = admitted(bench, beginning, EMPTY);
    expect(asking).toEqual([]);
    beginning.complete();
    bench.to(1);
    expect(asking).toEqual([0]);
    const lease = bench.pool.lease(wholeNamed("W"), 0);
    lease.delivered();
    bench.to(2);
    expect(asking).toEqual([0]);
  });

  it("A chunk of a peer of wholes waits for one that waits for its retry, but for none that stands in line", () => {
    const bench = stage();
    const asking = admitted(bench, EMPTY, EMPTY);
    bench.pool.lease(wholeNamed("W"), 0).failed(new DownloadError("CONNECTION_LOST", "gone"));
    bench.to(1);
    expect(asking).toEqual([0]);
    bench.pool.waitFor(0);
    bench.to(2);
    expect(asking).toEqual([0, 0, 1]);
  });
});
