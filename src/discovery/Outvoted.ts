/**
 * Mirrors that a survey decided against whose first answer a download had begun with. None of them is asked again by that download: with other
 * voters it might be decided otherwise.
 */
export class Outvoted {
  readonly #mirrors = new Set<string>();
  #first: string | undefined;

  /** `first` was the mirror to begin with, `all` are those that have lost. */
  hear(first: string, all: readonly string[]): void {
    this.#first = first;
    for (const mirror of all) this.#mirrors.add(mirror);
  }

  has(mirror: string): boolean {
    return this.#mirrors.has(mirror);
  }

  /** The mirror to begin with of the run that has just ended so, once. */
  take(): string | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first;
  }
}
