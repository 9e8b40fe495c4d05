import { VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import type { Mirror } from "../../src/discovery/Mirror.js";
import { Yields } from "../../src/discovery/Yields.js";
import type { Receiver } from "../../src/peers/Peer.js";
import { scriptedMirror } from "./scriptedMirror.js";

const mirror = (host: string): Mirror => scriptedMirror(host, new Uint8Array()).peer;
const [a, b] = [mirror("a"), mirror("b")];

function stage() {
  const clock = new VirtualTimeScheduler();
  const spent: Mirror[] = [];
  const yields = new Yields({ clock, spent: (mirror) => spent.push(mirror) });
  const heard: string[] = [];
  const receiver: Receiver = {
    room: () => new Uint8Array(8),
    filled: (bytes) => heard.push(`filled ${bytes}`),
    take: ({ length }) => heard.push(`take ${length}`),
    complete: () => heard.push("complete"),
    fail: (error) => heard.push(`fail ${String(error)}`),
  };
  /** A request that brings so many bytes in so long. */
  const ask = (mirror: Mirror, bytes: number, ms: number, end: "complete" | "fail" | "left" = "complete"): void => {
    const { receiver: into, end: leave } = yields.begin(mirror, receiver);
    into.room();
    into.filled(1);
    into.take(new Uint8Array(bytes - 1));
    clock.frame += ms;
    if (end === "complete") into.complete();
    if (end === "fail") into.fail("why");
    leave();
  };
  return { ask, spent, heard };
}

it("A request is passed on as it is", () => {
  const { ask, heard } = stage();
  ask(a, 100, 10);
  ask(a, 50, 10, "fail");
  expect(heard).toEqual([...["filled 1", "take 99", "complete"], ...["filled 1", "take 49", "fail why"]]);
});

it("A mirror is spent when a request to it fails, and when one lasts long and brings little", () => {
  const { ask, spent } = stage();
  ask(a, 1000, 999);
  ask(a, 25_000, 1000);
  ask(a, 20_000, 1000, "left");
  expect(spent).toEqual([]);
  ask(a, 19_999, 1000, "left");
  ask(b, 1, 1, "fail");
  expect(spent).toEqual([a, b]);
});

it("A mirror is spent that brings less than an eighth of what the best one brings", () => {
  const { ask, spent } = stage();
  ask(a, 800_000, 1000);
  ask(b, 100_000, 1000);
  expect(spent).toEqual([]);
  ask(b, 99_000, 1000);
  expect(spent).toEqual([b]);
});
