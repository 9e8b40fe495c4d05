/** Bytes that a chunk came with, by their CRC-32, and who brought them: each account is of peers that did so together. */
interface Version {
  readonly sum: number;
  readonly accounts: (readonly string[])[];
}

/**
 * Peers as witnesses of the bytes of a file of which only the whole has a digest: when that is wrong, chunks are asked of others, and where two differ,
 * one has lied. Of each chunk the version that was brought last is the one that counts. One whose bringers are not known stands on everybody's word.
 */
export class Witnesses {
  readonly #versions = new Map<number, Version[]>();

  /** Notes the peers that brought the chunk, all of it; none where that is not known. */
  brought(chunk: number, sum: number, peers: readonly string[]): void {
    const versions = this.#versions.get(chunk) ?? [];
    const version = versions.find((each) => each.sum === sum) ?? { sum, accounts: [] };
    if (peers.length > 0) version.accounts.push(peers);
    this.#versions.set(chunk, [...versions.filter((each) => each !== version), version]);
  }

  /** The CRC-32 of the version that counts. */
  sumOf(chunk: number): number | undefined {
    return this.#currentOf(chunk)?.sum;
  }

  /** The one peer that brought the version that counts, if there is one that did so alone. */
  bringerOf(chunk: number): string | undefined {
    return this.#currentOf(chunk)?.accounts.find(({ length }) => length === 1)?.[0];
  }

  /** The peers that brought some of any version of the chunk. */
  heard(chunk: number): ReadonlySet<string> {
    return new Set((this.#versions.get(chunk) ?? []).flatMap(({ accounts }) => accounts.flat()));
  }

  /** Chunks of which there is more than one version, in order. */
  get contested(): readonly number[] {
    const contested = [...this.#versions].filter(([, versions]) => versions.length > 1);
    return contested.map(([chunk]) => chunk).sort((a, b) => a - b);
  }

  /** Chunks that nobody vouches for but, alone or with others, this peer. */
  standingOn(peer: string): readonly number[] {
    return [...this.#versions.keys()].filter((chunk) => this.#standsOn(chunk, peer)).sort((a, b) => a - b);
  }

  /** Peers that chunks stand on: first those of most that somebody else contradicts, then those of the fewest chunks, which cost least to ask others for. */
  get suspects(): readonly string[] {
    const peers = new Set([...this.#versions.keys()].flatMap((chunk) => [...this.heard(chunk)]));
    const all = [...peers].map((peer) => {
      const chunks = this.standingOn(peer);
      return { peer, chunks: chunks.length, contested: chunks.filter((chunk) => this.#isContested(chunk)).length };
    });
    return all
      .filter(({ chunks }) => chunks > 0)
      .toSorted((a, b) => b.contested - a.contested || a.chunks - b.chunks)
      .map(({ peer }) => peer);
  }

  /** By peer, the chunks of which it alone brought another version than the one that counts, which is right. */
  get liars(): ReadonlyMap<string, readonly number[]> {
    const liars = new Map<string, number[]>();
    for (const chunk of this.contested) {
      const wrong = (this.#versions.get(chunk) ?? []).slice(0, -1).flatMap(({ accounts }) => accounts);
      for (const [peer, ...others] of wrong) {
        if (peer !== undefined && others.length === 0) liars.set(peer, [...(liars.get(peer) ?? []), chunk]);
      }
    }
    return liars;
  }

  #currentOf(chunk: number): Version | undefined {
    return this.#versions.get(chunk)?.at(-1);
  }

  #isContested(chunk: number): boolean {
    return (this.#versions.get(chunk)?.length ?? 0) > 1;
  }

  #standsOn(chunk: number, peer: string): boolean {
    return this.#currentOf(chunk)?.accounts.every((together) => together.includes(peer)) ?? false;
  }
}
