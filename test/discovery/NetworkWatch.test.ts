import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { NetworkWatch } from "../../src/discovery/NetworkWatch.js";
import { DownloadError } from "../../src/errors/DownloadError.js";

const down = new DownloadError("NETWORK_DOWN", "no route");

/** A watch over these peers, and what it told. */
function watching(...peers: readonly string[]) {
  const clock = Object.assign(new VirtualTimeScheduler(), { hasSlept: false });
  const watch = new NetworkWatch(clock);
  const told: string[] = [];
  watch.lost.subscribe(() => told.push("lost"));
  watch.found.subscribe(() => told.push("found"));
  peers.forEach((peer) => watch.asks(peer));
  return { clock, watch, told };
}

describe("a network watch", () => {
  it("A peer that has no way to it rests while others have not answered yet", () => {
    const { watch, told } = watching("A", "B");
    expect(watch.excuseMs("A", down)).toBe(1000);
    expect(told).toEqual([]);
  });

  it("A peer that has no way to it is to blame when another one has answered, if only with a refusal", () => {
    const { watch } = watching("A", "B");
    watch.excuseMs("B", new DownloadError("CONNECTION_REFUSED", "nobody listens"));
    expect(watch.excuseMs("A", down)).toBeUndefined();
  });

  it("Silence is no answer to a network watch", () => {
    const { watch } = watching("A", "B");
    expect(watch.excuseMs("B", new DownloadError("TIMEOUT", "silent"))).toBeUndefined();
    expect(watch.excuseMs("A", down)).toBe(1000);
  });

  it("The network is said to be lost once when there is no way to anybody, and found once", () => {
    const { watch, told } = watching("A", "B");
    watch.excuseMs("A", down);
    expect([watch.excuseMs("B", down), watch.excuseMs("A", down)]).toEqual([0, 0]);
    watch.wake();
    watch.answered("A");
    watch.answered("B");
    expect(told).toEqual(["lost", "found"]);
  });

  it("Nobody is excused where nobody would wait for the network", () => {
    const { clock } = watching();
    expect(new NetworkWatch(clock).excuseMs("A", down)).toBeUndefined();
  });

  it("A failure in the sleep of the machine, or because of it, is excused", () => {
    const { clock, watch } = watching("A");
    const slept = new DownloadError("NETWORK_DOWN", "slept");
    const cut: unknown[] = [];
    watch.cuts.subscribe((error) => cut.push(error));
    watch.answered("A");
    watch.interrupt(slept);
    expect([cut, watch.excuseMs("A", slept)]).toEqual([[slept], 0]);
    clock.hasSlept = true;
    expect(watch.excuseMs("A", new DownloadError("CONNECTION_LOST", "gone"))).toBe(0);
    expect(watch.excuseMs("A", new DownloadError("FILE_NOT_FOUND", "none"))).toBeUndefined();
  });
});
