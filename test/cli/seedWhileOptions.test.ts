import { expect, it } from "vitest";
import { seedWhileOptions } from "../../src/cli/options/seedWhileOptions.js";

it("Flags of seeding say how a download is served, and nothing without --seed", () => {
  const given = { seedHost: "0.0.0.0", seedPort: 7001, seedLimitRate: 500_000, seedRatio: 1.5, seedMinutes: 0 };
  const taken = { host: "0.0.0.0", port: 7001, limitRate: 500_000, ratio: 1.5, minutes: 0 };
  expect(seedWhileOptions({ seed: true, ...given })).toEqual(taken);
  expect(seedWhileOptions({})).toBeUndefined();
});
