import type { SwarmPeer } from "../../../src/testing.js";

/** A peer as its fields are written in the lab: rates in MB/s, times in seconds, chances in percent. */
export interface LabPeer {
  readonly id: string;
  readonly rate: number;
  readonly roundTrip: number;
  readonly breaks: number;
  readonly stalls: number;
  readonly lies: number;
  /** Seconds at which it goes; 0 for never. */
  readonly goes: number;
  /** Seconds at which it is back; 0 for never. */
  readonly back: number;
}

const steady: LabPeer = { id: "steady", rate: 1.5, roundTrip: 0.08, breaks: 0, stalls: 0, lies: 0, goes: 0, back: 0 };

/** Swarms to begin with. */
export const swarms: Readonly<Record<string, readonly LabPeer[]>> = {
  "An ordinary bad day": [
    steady,
    { ...steady, id: "moody", rate: 2, breaks: 30 },
    { ...steady, id: "silent", rate: 2, stalls: 8 },
    { ...steady, id: "mortal", rate: 3, goes: 6, back: 0 },
  ],
  "One liar among friends": [
    steady,
    { ...steady, id: "friend", rate: 1.2 },
    { ...steady, id: "liar", rate: 4, lies: 100 },
  ],
  "Everybody breaks": ["one", "two", "three"].map((id) => ({ ...steady, id, breaks: 45 })),
  "A tunnel: all gone for 20 s": ["near", "far"].map((id) => ({ ...steady, id, goes: 5, back: 25 })),
  "One slow server": [{ ...steady, id: "server", rate: 0.4, roundTrip: 0.3, breaks: 10 }],
};

/** Peer as the simulation takes it. */
export function swarmPeer({ id, rate, roundTrip, breaks, stalls, lies, goes, back }: LabPeer): SwarmPeer {
  const untilMs = back > goes ? { untilMs: back * 1000 } : {};
  return {
    id,
    bytesPerSecond: Math.round(rate * 1e6),
    roundTripMs: Math.round(roundTrip * 1000),
    breaks: breaks / 100,
    stalls: stalls / 100,
    corrupts: lies / 100,
    ...(goes > 0 && { away: [{ fromMs: goes * 1000, ...untilMs }] }),
  };
}
