import { Observable, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { WriteQueue } from "../../src/transfer/WriteQueue.js";

/** Writes that end when they are told to, and what was heard of them. */
function held() {
  const ends = new Map<string, Subject<never>>();
  const heard: string[] = [];
  const queue = new WriteQueue();
  const add = (name: string): void => {
    const work = new Observable<never>((subscriber) => {
      heard.push(`${name} begins`);
      const end = new Subject<never>();
      ends.set(name, end);
      return end.subscribe(subscriber);
    });
    queue.add(work, (isWritten) => heard.push(`${name} is ${isWritten ? "" : "not "}written`));
  };
  return {
    queue,
    heard,
    add,
    end: (name: string) => ends.get(name)?.complete(),
    fail: (name: string) => ends.get(name)?.error(name),
  };
}

describe("WriteQueue", () => {
  it("Writes run side by side, and their ends are told in the order of their beginnings", () => {
    const { heard, add, end } = held();
    ["a", "b", "c"].forEach(add);
    expect(heard).toEqual(["a begins", "b begins", "c begins"]);
    ["c", "a", "b"].forEach(end);
    expect(heard.slice(3)).toEqual(["a is written", "b is written", "c is written"]);
  });

  it("Nothing behind a fence begins before all writes in front of it have ended", () => {
    const { queue, heard, add, end } = held();
    ["a", "b"].forEach(add);
    queue.fence();
    add("c");
    queue.fence();
    add("d");
    end("b");
    expect(heard).toEqual(["a begins", "b begins"]);
    end("a");
    expect(heard.slice(2)).toEqual(["a is written", "b is written", "c begins"]);
    end("c");
    expect(heard.slice(5)).toEqual(["c is written", "d begins"]);
  });

  it("What comes after all writes is done at once where none is left, and then knows whether all were made", () => {
    const { queue, heard, add, end, fail } = held();
    const after = (name: string): void => queue.afterAll((isWritten) => heard.push(`${name} ${isWritten}`));
    after("first");
    expect(heard).toEqual(["first true"]);
    add("a");
    after("second");
    expect(heard.slice(1)).toEqual(["a begins"]);
    end("a");
    expect(heard.slice(2)).toEqual(["a is written", "second true"]);
    add("b");
    fail("b");
    after("third");
    expect(heard.slice(5)).toEqual(["b is not written", "third false"]);
  });

  it("After a write that failed nothing begins, and nothing behind it is claimed", () => {
    const { queue, heard, add, end, fail } = held();
    const told: unknown[] = [];
    queue.broken.subscribe({ error: (error: unknown) => told.push(error) });
    ["a", "b"].forEach(add);
    fail("a");
    add("c");
    expect(heard).toEqual(["a begins", "b begins", "a is not written"]);
    end("b");
    expect(heard.slice(3)).toEqual(["b is not written", "c is not written"]);
    expect(told).toEqual(["a"]);
    expect(queue.failure).toEqual({ error: "a" });
  });
});
