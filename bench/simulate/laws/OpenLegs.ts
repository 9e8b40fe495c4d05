import type { DownloadEvent, DownloadEventOf } from "../../../src/download/DownloadEvent.js";

type Started = DownloadEventOf<"attempt-started">;

/** The legs that were begun and are not known to be over, by chunk. */
export class OpenLegs {
  readonly #legs = new Map<number, readonly Started[]>();

  note(event: DownloadEvent): void {
    switch (event.type) {
      case "attempt-started":
        // A new attempt begins after every leg of the one before has ended.
        this.#keep(event.chunk, ({ attempt }) => attempt === event.attempt);
        this.#legs.set(event.chunk, [...this.of(event.chunk), event]);
        break;
      case "attempt-failed":
      case "attempt-cancelled":
        this.#keep(event.chunk, ({ attempt, leg }) => attempt !== event.attempt || leg !== event.leg);
        break;
      case "chunk-verified":
      case "chunk-failed":
        this.#legs.delete(event.chunk);
        break;
      default:
        break;
    }
  }

  of(chunk: number): readonly Started[] {
    return this.#legs.get(chunk) ?? [];
  }

  has(leg: Started): boolean {
    return this.of(leg.chunk).includes(leg);
  }

  /** Whether more than one leg of its attempt was begun: one may have lost since. */
  raced(chunk: number): boolean {
    return this.of(chunk).some(({ leg }) => leg > 0);
  }

  #keep(chunk: number, stays: (leg: Started) => boolean): void {
    this.#legs.set(chunk, this.of(chunk).filter(stays));
  }
}
