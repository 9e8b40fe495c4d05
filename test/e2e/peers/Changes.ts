/** Wakes those who wait for something to become true. */
export class Changes {
  readonly #looks = new Set<() => void>();

  /** Something may have become true. */
  changed(): void {
    for (const look of this.#looks) look();
  }

  /** Resolves when `holds`; rejects after `limitMs`, or with what `over` answers once it will never hold. */
  until(what: string, holds: () => boolean, { limitMs = 150_000, over = neverOver }: Patience = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#looks.delete(look);
        clearTimeout(timer);
        settle();
      };
      const look = (): void => {
        const why = over();
        if (holds()) end(resolve);
        else if (why !== undefined) end(() => reject(new Error(`${what}: not before the end: ${why}`)));
      };
      const timer = setTimeout(() => end(() => reject(new Error(`${what}: not within ${limitMs} ms`))), limitMs);
      this.#looks.add(look);
      look();
    });
  }
}

export interface Patience {
  /** For what never comes: no test depends on how long it takes. @default 150000 */
  readonly limitMs?: number;
  /** Why it will never be, when that is known. */
  readonly over?: () => string | undefined;
}

const neverOver = (): undefined => undefined;
