import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../src/peers/Heap.js";

class Member {
  readonly id: number;
  score: number;
  place = -1;

  constructor(id: number, score = 0) {
    this.id = id;
    this.score = score;
  }
}

const heapOf = (): Heap<Member> => new Heap((a, b) => a.score < b.score || (a.score === b.score && a.id < b.id));

const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ put: fc.nat(30), score: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ delete: fc.nat(30) }) },
);

describe("A heap", () => {
  it("A heap walks like a sorted array, whatever was put, moved and deleted before", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const heap = heapOf();
        const members = Array.from({ length: 31 }, (_, id) => new Member(id));
        const scores = new Map<number, number>();
        for (const each of commands) {
          const member = members["put" in each ? each.put : each.delete] as Member;
          if ("put" in each) {
            member.score = each.score;
            heap.put(member);
            scores.set(member.id, each.score);
          } else {
            heap.delete(member);
            scores.delete(member.id);
          }
        }
        const sorted = [...scores].sort(([a, x], [b, y]) => x - y || a - b).map(([id]) => id);
        expect(Array.from(heap, ({ id }) => id)).toEqual(sorted);
        expect(heap.first?.id).toBe(sorted[0]);
        expect(heap.size).toBe(sorted.length);
        for (const { id, place } of members) expect(place >= 0).toBe(scores.has(id));
      }),
      { numRuns: 500 },
    );
  });

  it("A heap hands out the first few of many without looking at the rest", () => {
    let looks = 0;
    const heap = new Heap<Member>((a, b) => {
      looks++;
      return a.score < b.score;
    });
    for (let i = 9999; i >= 0; i--) heap.put(new Member(i, i));
    looks = 0;
    const [first, second] = heap;
    expect([first?.id, second?.id]).toEqual([0, 1]);
    expect(looks).toBeLessThan(10);
  });

  it("A heap is empty at first", () => {
    expect([[...heapOf()], heapOf().first]).toEqual([[], undefined]);
  });
});
