import { expect } from "vitest";

/** Bytes that are equal are found so at once: one by one, as vitest compares what can be iterated, three million take it seconds. */
expect.addEqualityTesters([
  (one: unknown, other: unknown) =>
    one instanceof Uint8Array &&
    other instanceof Uint8Array &&
    one.constructor === other.constructor &&
    Buffer.compare(one, other) === 0
      ? true
      : undefined,
]);
