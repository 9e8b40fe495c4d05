import { wrongValue } from "../UsageError.js";
import type { Reader } from "./OptionRow.js";

/** Numbers that an option takes, and the words for them. */
export interface NumberShape {
  /** "it must be ..." */
  readonly must: string;
  readonly fits: (value: number) => boolean;
}

/** Whole numbers in a range, both ends included. */
export const wholeFrom = (from: number, to: number, must = `a whole number from ${from} to ${to}`): NumberShape => ({
  must,
  fits: (value) => Number.isSafeInteger(value) && value >= from && value <= to,
});

/** Numbers of at least so much. */
export const atLeast = (from: number): NumberShape => ({
  must: `a number, at least ${from}`,
  fits: (value) => value >= from && Number.isFinite(value),
});

export const aPort = wholeFrom(0, 65_535);
/** Bytes that a document may have. */
export const someBytes = wholeFrom(1, Number.MAX_SAFE_INTEGER, "a whole number of bytes, at least 1");

/** The number that a config file gives. `called` is the option, as the user wrote it. @throws UsageError that names it, the value and what would be right. */
export function takeNumber(given: unknown, called: string, { must, fits }: NumberShape): number {
  if (typeof given === "number" && fits(given)) return given;
  throw wrongValue(called, given, must);
}

/** Reads the number that was typed behind an option. */
export function aNumber(shape: NumberShape): Reader {
  return (text, called): number => {
    const value = numberIn(text);
    // What does not fit is shown as it was typed.
    return takeNumber(typeof value === "number" && shape.fits(value) ? value : text, called, shape);
  };
}

/** The number that was typed; text that is none, such as an empty one, as it is. */
export function numberIn(text: unknown): unknown {
  return typeof text === "string" && /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
