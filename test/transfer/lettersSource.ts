import { interval, map, NEVER, type Observable, scan, switchMap, take } from "rxjs";
import type { WholeSource } from "../../src/transfer/WholeStream.js";

const everyMs = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** A file of letters, of which one piece comes every 10 ms while nobody holds it. */
export interface LettersSource extends WholeSource {
  /** How often the whole was asked for. */
  asked: number;
  /** How often it was told to renew its connections. */
  renewed: number;
}

export function lettersSource(pieces: readonly string[], id = "W"): LettersSource {
  const source: LettersSource = {
    id,
    asked: 0,
    renewed: 0,
    whole: (hold: Observable<boolean>) => {
      source.asked++;
      return hold.pipe(
        switchMap((held) => (held ? NEVER : interval(everyMs))),
        scan((index) => index + 1, -1),
        take(pieces.length),
        map((index) => bytesOf(pieces[index] ?? "")),
      );
    },
    renew: () => {
      source.renewed++;
    },
  };
  return source;
}
