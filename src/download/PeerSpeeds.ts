/** Weight of the newest beat in a speed that is shown. */
const newest = 0.2;
/** Beats without a byte after which nothing is to be told of a speed. */
export const silentBeats = 8;

/** A speed with one more sample. */
export function smoothed(speed: number | undefined, sample: number): number {
  return speed === undefined ? sample : speed + newest * (sample - speed);
}

interface Line {
  readonly received: number;
  readonly speed: number | undefined;
  readonly silent: number;
}

/** How fast each peer brings bytes, beat by beat. */
export class PeerSpeeds {
  readonly #everyMs: number;
  readonly #lines = new Map<string, Line>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** One more beat, at which so many bytes have come of each peer. Bytes per second of the peers that brought some of late. */
  beat(bytesByPeer: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
    const speeds: Record<string, number> = {};
    for (const [peer, received] of Object.entries(bytesByPeer)) {
      const before = this.#lines.get(peer) ?? { received: 0, speed: undefined, silent: 0 };
      const sample = ((received - before.received) * 1000) / this.#everyMs;
      const silent = sample > 0 ? 0 : before.silent + 1;
      const speed = silent < silentBeats ? smoothed(before.speed, sample) : undefined;
      this.#lines.set(peer, { received, speed, silent });
      if (speed !== undefined && speed >= 0.5) speeds[peer] = Math.round(speed);
    }
    return speeds;
  }
}
