/** The pool with the operator: who is asked, how they stand, and what three failures lead to, without a download. */
import { leased, PeerPool, poolConfig } from "rx-tributary";
import { retryWithPeerSwitch } from "rx-tributary/operators";
import { scriptedPeer } from "rx-tributary/testing";
import {
  asyncScheduler,
  firstValueFrom,
  ignoreElements,
  lastValueFrom,
  merge,
  of,
  Subject,
  takeUntil,
  tap,
} from "rxjs";

const file = Buffer.from("twenty bytes of data");
const alice = scriptedPeer("alice", file, { refuseWith: "CONNECTION_REFUSED" });
const bob = scriptedPeer("bob", file);
const range = { chunk: 0, offset: 0, length: file.length, position: 0 };
const pool = new PeerPool({ scheduler: asyncScheduler }, poolConfig());
const done = new Subject<void>();

const bytes = pool.candidates(range.chunk).pipe(
  retryWithPeerSwitch((peer) => peer.request(range).pipe(leased(pool, peer, range, () => false)), {
    select: (_, selection) => pool.pick(range.chunk, selection),
    backoff: () => 50,
    onEvent: (event) => event.type === "retry" && console.log(`retry ${event.retry} after ${event.peer.id} failed`),
  }),
  tap({ complete: () => done.next() }),
);
const happenings = pool.run(of([alice, bob])).pipe(
  tap((event) => event.type === "peer-blacklisted" && console.log(`${event.peer} is blacklisted: ${event.code}`)),
  ignoreElements(),
  takeUntil(done),
);
console.log(String(Buffer.from(await lastValueFrom(merge(happenings, bytes)))));

for (const { peer, health, bytes: served } of await firstValueFrom(pool.states))
  console.log(`${peer}: ${health.state}, ${served} bytes`);
