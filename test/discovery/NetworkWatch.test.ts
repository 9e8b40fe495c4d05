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
  it("lets a peer rest that has no way to it while others have not answered yet", () => {
    const { watch, told } = watching("A", "B");
    expect(watch.excuseMs("A", down)).toBe(1000);
    expect(told).toEqual([]);
  });

  it("blames a peer that has no way to it when another one has answered, if only with a refusal", () => {
    const { watch } = watching("A", "B");
    watch.excuseMs("B", new DownloadError("CONNECTION_REFUSED", "nobody listens"));
    expect(watch.excuseMs("A", down)).toBeUndefined();
  });

  it("takes silence for no answer", () => {
    const { watch } = watching("A", "B");
    expect(watch.excuseMs("B", new DownloadError("TIMEOUT", "silent"))).toBeUndefined();
    expect(watch.excuseMs("A", down)).toBe(1000);
  });

  it("says once that the network is lost when there is no way to anybody, and once that it is found", () => {
    const { watch, told } = watching("A", "B");
    watch.excuseMs("A", down);
    expect([watch.excuseMs("B", down), watch.excuseMs("A", down)]).toEqual([0, 0]);
    watch.wake();
    watch.answered("A");
    watch.answered("B");
    expect(told).toEqual(["lost", "found"]);
  });

  it("excuses nobody where nobody would wait for the network", () => {
    const { clock } = watching();
    expect(new NetworkWatch(clock).excuseMs("A", down)).toBeUndefined();
  });

  it("excuses what fails in the sleep of the machine, or because of it", () => {
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
