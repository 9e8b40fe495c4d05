import { retryWithPeerSwitch } from "rx-tributary/operators";
import { of } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, it } from "vitest"; // or from "@jest/globals"

it("The second mirror is asked at 7 s, and the test takes no time", () => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
    const mirrors = { dead: cold("#"), well: cold("(a|)") };
    const text = of(["dead", "well"] as const).pipe(retryWithPeerSwitch((name) => mirrors[name]));
    expectObservable(text).toBe("7s (a|)");
  });
});
