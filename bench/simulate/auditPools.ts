import type { Observable } from "rxjs";
import { PeerPool } from "../../src/peers/PeerPool.js";
import type { PeerSource } from "../../src/peers/Peer.js";
import type { PoolEvent } from "../../src/peers/PoolEvent.js";

/** Runs `run`, and collects what of a pool's invariants did not hold after any change in it, in all pools that ran meanwhile. */
export function auditPools<T>(run: () => T): { readonly result: T; readonly violations: readonly string[] } {
  const violations: string[] = [];
  const { prototype } = PeerPool;
  const plain = Object.getOwnPropertyDescriptor(prototype, "run");
  if (plain === undefined) throw new Error("a pool has no run");
  const { value: runPool } = plain as { readonly value: (peers: PeerSource) => Observable<PoolEvent> };
  prototype.run = function audited(this: PeerPool, peers) {
    this.states.subscribe(() => violations.push(...this.violations));
    return runPool.call(this, peers);
  };
  try {
    return { result: run(), violations };
  } finally {
    Object.defineProperty(prototype, "run", plain);
  }
}
