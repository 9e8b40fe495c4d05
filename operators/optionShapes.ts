import { isObservable } from "rxjs";
import type { OptionShape } from "./checkOptions.js";

/** A function. */
export const aFunction: OptionShape = { must: "a function", fits: (value) => typeof value === "function" };

/** `true` or `false`. */
export const aSwitch: OptionShape = { must: "true or false", fits: (value) => typeof value === "boolean" };

/** A scheduler of RxJS. */
export const aScheduler: OptionShape = {
  must: "a scheduler of RxJS, such as asyncScheduler",
  fits: (value) => hasMethods(value, "now", "schedule"),
};

/** An observable of what `of` says. */
export const anObservable = (of: string): OptionShape => ({ must: `an observable of ${of}`, fits: isObservable });

/** Text, which is not empty. */
export const aText = (must: string): OptionShape => ({
  must,
  fits: (value) => typeof value === "string" && value !== "",
});

/** A number in a range, both ends included. */
export const aNumber = (from: number, to: number, must = `a number from ${from} to ${to}`): OptionShape => ({
  must,
  fits: (value) => typeof value === "number" && value >= from && value <= to,
});

/** A number, whose range is held elsewhere. */
export const anyNumber: OptionShape = { must: "a number", fits: (value) => typeof value === "number" };

/** A value that the first or the second takes. */
export const either = (a: OptionShape, b: OptionShape): OptionShape => ({
  must: `${a.must}, or ${b.must}`,
  fits: (value) => a.fits(value) || b.fits(value),
});

function hasMethods(value: unknown, ...methods: readonly string[]): boolean {
  const object = Object(value) as Readonly<Record<string, unknown>>;
  return methods.every((method) => typeof object[method] === "function");
}
