import { concatMap, of, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { cutPeers } from "../../../src/assembly/mirrors/cutPeers.js";
import type { Peer } from "../../../src/peers/Peer.js";
import { CutPeer } from "../../../src/transfer/CutPeer.js";
import { scriptedMirror } from "./scriptedMirror.js";

const file = Uint8Array.from({ length: 100 }, (_, i) => i);

function seen() {
  const mirrors = new Subject<readonly HttpPeer[]>();
  const lists: (readonly Peer[])[] = [];
  cutPeers(mirrors).subscribe((list) => lists.push(list));
  return { mirrors, lists };
}

describe("mirrors as peers", () => {
  it("are themselves while they serve ranges", () => {
    const { mirrors, lists } = seen();
    const { peer } = scriptedMirror("a", file);
    mirrors.next([peer]);
    expect(lists).toEqual([[peer]]);
    expect(lists[0]?.[0]).toBe(peer);
  });

  it("are cut, each always by the same one, when they do not", () => {
    const { mirrors, lists } = seen();
    const [a, b] = [scriptedMirror("a", file, { ranges: false }).peer, scriptedMirror("b", file).peer];
    mirrors.next([a, b]);
    a.probe().subscribe();
    mirrors.next([a, b]);
    mirrors.next([b]);
    mirrors.next([b, a]);
    const [, [first, second] = [], , [, again] = []] = lists;
    expect(first).toBeInstanceOf(CutPeer);
    expect(first).toMatchObject({ id: expect.stringContaining("//a/") as unknown, ranges: false });
    expect([second, again]).toEqual([b, first]);
    expect(again).toBe(first);
  });

  it("give their bytes all the same", () => {
    const { peer } = scriptedMirror("a", file, { ranges: false });
    const pieces: number[] = [];
    peer.probe().subscribe();
    cutPeers(of([peer]))
      .pipe(
        concatMap((all) => all),
        concatMap((each) => each.request({ chunk: 1, offset: 0, length: 3, position: 7 })),
      )
      .subscribe((bytes) => pieces.push(...bytes));
    expect(pieces).toEqual([7, 8, 9]);
  });
});
