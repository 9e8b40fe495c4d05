import { seededRandom } from "../../src/testing/seededRandom.js";
import type { SwarmScript } from "../../src/testing/stageSwarm.js";
import type { SwarmPeer } from "../../src/testing/SwarmPeer.js";
import { lowerBoundMs, mostPerSecond } from "./oracle.js";

/** A swarm to be measured on. */
export interface Scenario {
  readonly name: string;
  readonly slots: number;
  /** The swarm of a seed; its speeds and round trips are drawn, its faults are the scenario's. */
  readonly peersOf: (seed: number) => readonly SwarmPeer[];
}

export const chunkBytes = 262_144;
const slotsPerPeer = 8;
/** How long a download should take at best. */
const idealMs = 45_000;
/** When things go wrong, if they do. */
const middleMs = 20_000;

/** When the line falls: late, so that what is left is some chunks for each peer. */
const fallMs = 44_000;

const drawStream = 1_000_003;

type Ordinary = SwarmPeer & { readonly bytesPerSecond: number };

/** Log-normal speeds: one machine in three is more than 1.65 times as fast as the median, or that much slower. Round trips of 20 to 120 ms. */
function ordinary(count: number, seed: number, medianSpeed = 2_000_000): readonly Ordinary[] {
  const random = seededRandom(seed, drawStream);
  return Array.from({ length: count }, () => {
    // Box and Muller, 1958
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return {
      bytesPerSecond: Math.round(medianSpeed * Math.exp(0.5 * normal)),
      roundTripMs: Math.round(20 + 100 * random()),
    };
  });
}

function changed(peer: Ordinary, atMs: number, factor: number): SwarmPeer {
  const before = peer.bytesPerSecond;
  return {
    ...peer,
    bytesPerSecond: [
      { atMs: 0, bytesPerSecond: before },
      { atMs, bytesPerSecond: before * factor },
    ],
  };
}

/** Pieces of all sizes that a peer may send at once, up to the whole chunk. */
const pieces = [16_384, 65_536, chunkBytes] as const;

/** Draws for each peer how its bytes are cut. */
function cut<P extends SwarmPeer>(peers: readonly P[], seed: number): readonly P[] {
  const random = seededRandom(seed, drawStream + 2);
  return peers.map((peer) => ({ ...peer, pieceBytes: pieces[Math.floor(random() * pieces.length)] ?? chunkBytes }));
}

/** Speeds from 10 to 60 KB/s, each as likely. */
function slow(count: number, seed: number): readonly SwarmPeer[] {
  const random = seededRandom(seed, drawStream + 3);
  const peers = ordinary(count, seed);
  return peers.map((peer) => ({ ...peer, bytesPerSecond: Math.round(10_000 + 50_000 * random()) }));
}

export const scenarios: readonly Scenario[] = [
  { name: "12 peers", slots: 8, peersOf: (seed) => ordinary(12, seed) },
  {
    name: "12 peers, the best falls to a tenth half-way",
    slots: 8,
    peersOf: (seed) => {
      const peers = ordinary(12, seed);
      const best = Math.max(...peers.map(({ bytesPerSecond }) => bytesPerSecond));
      return peers.map((peer) => (peer.bytesPerSecond === best ? changed(peer, middleMs, 0.1) : peer));
    },
  },
  { name: "8 peers, 24 slots", slots: 24, peersOf: (seed) => ordinary(8, seed) },
  {
    name: "12 peers, 30 % of requests break",
    slots: 8,
    peersOf: (seed) => ordinary(12, seed).map((peer) => ({ ...peer, breaks: 0.3 })),
  },
  {
    name: "12 peers, two fall silent half-way",
    slots: 8,
    peersOf: (seed) => ordinary(12, seed).map((peer, i) => (i < 2 ? changed(peer, middleMs, 0) : peer)),
  },
  {
    name: "12 peers, one lies",
    slots: 8,
    peersOf: (seed) => ordinary(12, seed).map((peer, i) => (i === 0 ? { ...peer, corrupts: 1 } : peer)),
  },
  { name: "all slow: 8 peers of 10 to 60 KB/s", slots: 8, peersOf: (seed) => cut(slow(8, seed), seed) },
  {
    name: "8 peers, all fall to 2 % together",
    slots: 8,
    peersOf: (seed) => cut(ordinary(8, seed), seed).map((peer) => changed(peer, fallMs, 0.02)),
  },
  {
    name: "100 peers, 100 slots, half of them leave",
    slots: 100,
    peersOf: (seed) => {
      const random = seededRandom(seed, drawStream + 1);
      return ordinary(100, seed, 400_000).map((peer, i) =>
        i % 2 === 0 ? peer : { ...peer, away: [{ fromMs: Math.round(random() * 2 * middleMs) }] },
      );
    },
  },
];

/** The swarm of a seed with a file of the right size for it, and the least time that it can take. */
export function drawScenario({ slots, peersOf }: Scenario, seed: number): SwarmScript & { readonly boundMs: number } {
  const peers = peersOf(seed);
  const shared = { slots, slotsPerPeer, chunkBytes };
  const chunks = Math.round((mostPerSecond(peers, 0, shared) * idealMs) / 1000 / chunkBytes);
  return { peers, chunks, chunkBytes, seed, boundMs: lowerBoundMs(chunks * chunkBytes, peers, shared) };
}
