import { TestScheduler } from "rxjs/testing";
import type { RunHelpers } from "rxjs/testing";
import { expect } from "vitest";

/** A test in virtual time; `scheduler` is the one that stands still until the test's streams move it. */
export function marbles(test: (helpers: RunHelpers & { readonly scheduler: TestScheduler }) => void): () => void {
  return () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run((helpers) => test({ ...helpers, scheduler }));
  };
}
