import { DownloadError } from "../../errors/DownloadError.js";

/** Locks of this page that are about to be free: what goes on behind their owner, who has left, has to end, or the browser to hear of it. */
const leaving = new Map<string, Promise<void>>();

/** The right to write to a name, which one tab of an origin has at a time; a tab that ends or crashes loses it. */
export class NameLock {
  readonly #name: string;
  readonly #release: () => void;
  readonly #released: Promise<void>;

  private constructor(name: string, release: () => void, released: Promise<void>) {
    this.#name = name;
    this.#release = release;
    this.#released = released;
  }

  /** Takes the lock, after an owner in this page that has left is done. Rejects with `LOCKED` when somebody else has it. */
  static async take(name: string): Promise<NameLock> {
    await leaving.get(name);
    return new Promise((resolve, reject) => {
      let release = (): void => undefined;
      const held = new Promise<void>((done) => (release = done));
      const released = navigator.locks.request(`tributary ${name}`, { ifAvailable: true }, (lock) => {
        if (lock === null)
          throw new DownloadError("LOCKED", `${name} is being downloaded already, here or in another tab`);
        resolve(
          new NameLock(
            name,
            release,
            released.then(() => undefined),
          ),
        );
        return held;
      });
      released.catch((error: unknown) => reject(error as DownloadError));
    });
  }

  release(): void {
    this.leave();
    this.#release();
  }

  /** The owner leaves, and releases it later: until then others in this page wait. */
  leave(): void {
    const done = this.#released.finally(() => {
      if (leaving.get(this.#name) === done) leaving.delete(this.#name);
    });
    leaving.set(this.#name, done);
  }
}
