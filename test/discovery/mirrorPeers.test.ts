import { asyncScheduler, concatMap, from, type Observable, of, Subject, take, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import type { HttpPeer } from "../../src/adapters/http/HttpPeer.js";
import type { Mirror } from "../../src/discovery/Mirror.js";
import { mirrorPeers } from "../../src/discovery/mirrorPeers.js";
import { printOf } from "../../src/discovery/samples.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { toDownloadError } from "../../src/errors/toDownloadError.js";
import type { ByteRange, Peer, Receiver } from "../../src/peers/Peer.js";
import { someBytes } from "../download/swarm.js";
import { scriptedMirror } from "./scriptedMirror.js";

const file = someBytes(900);
const known = { answered: [], size: file.length, clock: asyncScheduler };

/** The peers of a list of mirrors. */
function peersOf(...mirrors: readonly HttpPeer[]): readonly Peer[] {
  let peers: readonly Peer[] = [];
  mirrorPeers(from([mirrors]), known).subscribe((all) => (peers = all));
  return peers;
}

function ask(peer: Peer | undefined, position: number, length: number): string {
  let found = "nothing";
  peer
    ?.request({ chunk: 1, offset: 0, length, position })
    .pipe(toArray())
    .subscribe({
      next: (pieces) => (found = printOf(pieces)),
      error: (error: unknown) => (found = toDownloadError(error).code),
    });
  return found;
}

const printAt = (position: number, length: number) => printOf([file.subarray(position, position + length)]);

describe("a mirror as a peer", () => {
  it("A mirror is a peer that is asked for ranges while it serves them", () => {
    const mirror = scriptedMirror("a", file);
    const [peer] = peersOf(mirror.peer);
    expect([peer?.id, peer?.ranges]).toEqual([mirror.peer.id, true]);
    expect(ask(peer, 300, 100)).toBe(printAt(300, 100));
    expect(mirror.asked).toEqual(["bytes=300-399"]);
  });

  it("A mirror that turns out to send only whole files has its stream cut from then on, without another list", () => {
    const mirror = scriptedMirror("a", file, { ranges: false });
    const [peer] = peersOf(mirror.peer);
    expect(ask(peer, 300, 100)).toBe("CHUNK_NOT_AVAILABLE");
    expect(peer?.ranges).toBe(false);
    expect([ask(peer, 300, 100), ask(peer, 400, 50)]).toEqual([printAt(300, 100), printAt(400, 50)]);
    expect(mirror.asked).toEqual(["bytes=300-399", "whole"]);
  });

  /** A mirror whose parts the test answers, asked for all by one leg. */
  const asking = () => {
    const parts: Receiver[] = [];
    const seen = { wholes: 0, came: [] as number[], failure: undefined as unknown };
    const mirror = {
      id: "mirror",
      ranges: true,
      read: (_: ByteRange, receiver: Receiver) => {
        parts.push(receiver);
        return () => undefined;
      },
      whole: () => {
        seen.wholes += 1;
        return of(file);
      },
    };
    let peer: Peer | undefined;
    mirrorPeers(of([mirror as unknown as Mirror]), known).subscribe(([first]) => (peer = first));
    const giveUp = peer?.read?.(
      { chunk: 0, offset: 0, position: 0, length: 900 },
      {
        room: () => new Uint8Array(10),
        filled: (bytes) => seen.came.push(bytes),
        take: ({ length }) => seen.came.push(length),
        complete: () => seen.came.push(Infinity),
        fail: (error) => (seen.failure = error),
      },
    );
    return { mirror, answer: parts[0], seen, giveUp };
  };

  it("A part that breaks after other answers were wholes is not followed by the whole", () => {
    const { mirror, answer, seen } = asking();
    answer?.filled(10);
    mirror.ranges = false;
    const broken = new DownloadError("CONNECTION_RESET", "mirror: broken");
    answer?.fail(broken);
    expect(seen).toEqual({ wholes: 0, came: [10], failure: broken });
  });

  it("A whole that came in the place of its beginning is not asked for when the request was given up before", () => {
    const { mirror, answer, seen, giveUp } = asking();
    giveUp?.();
    mirror.ranges = false;
    answer?.fail(new DownloadError("CHUNK_NOT_AVAILABLE", "mirror sends only the whole file"));
    expect(seen).toMatchObject({ wholes: 0, came: [] });
  });

  it("A mirror of wholes tells what it passes over", () => {
    const mirror = scriptedMirror("a", file, { ranges: false });
    mirror.peer.probe().subscribe();
    const [peer] = peersOf(mirror.peer);
    const passed: number[] = [];
    peer?.passedOver?.subscribe((bytes) => passed.push(bytes));
    ask(peer, 300, 100);
    expect(passed).toEqual([300]);
  });

  it("A mirror as a peer renews its connections, and its stream with them", () => {
    const mirror = scriptedMirror("a", file, { ranges: false });
    mirror.peer.probe().subscribe();
    const [peer] = peersOf(mirror.peer);
    ask(peer, 0, 100);
    peer?.renew?.();
    ask(peer, 100, 100);
    expect(mirror.asked.slice(1)).toEqual(["whole", "whole"]);
  });

  it("A mirror is always the same peer", () => {
    const { peer } = scriptedMirror("a", file, { ranges: false });
    const lists = new Subject<readonly HttpPeer[]>();
    const seen: (Peer | undefined)[] = [];
    const peers: Observable<Peer> = mirrorPeers(lists, known).pipe(concatMap((all) => all));
    peers.pipe(take(2)).subscribe((each) => seen.push(each));
    lists.next([peer]);
    lists.next([]);
    peer.probe().subscribe();
    lists.next([peer]);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });
});
