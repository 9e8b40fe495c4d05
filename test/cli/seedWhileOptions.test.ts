import { expect, it } from "vitest";
import { seedWhileOptions } from "../../src/cli/options/seedWhileOptions.js";

it("Flags of seeding without --seed are refused by the name that was typed", () => {
  expect(() => seedWhileOptions({ seedPort: "7001" })).toThrow("--seed-port says how to serve; give --seed, too");
  expect(seedWhileOptions({})).toBeUndefined();
});

it("Flags of seeding are taken as numbers where they are some", () => {
  const given = { seedHost: "0.0.0.0", seedPort: "7001", seedLimitRate: "500k", seedRatio: "1.5", seedMinutes: "0" };
  const taken = { host: "0.0.0.0", port: 7001, limitRate: 500_000, ratio: 1.5, minutes: 0 };
  expect(seedWhileOptions({ seed: true, ...given })).toEqual(taken);
});

it("A flag of seeding that cannot be is refused with its name, its value and what would be right", () => {
  const refusal = (flags: object): unknown => {
    try {
      return seedWhileOptions({ seed: true, ...flags });
    } catch (error) {
      return error instanceof Error && `${error.name}: ${error.message}`;
    }
  };
  expect(refusal({ seedPort: "99999" })).toBe(
    'UsageError: --seed-port is "99999"; it must be a whole number from 0 to 65535',
  );
  expect(refusal({ seedMinutes: "soon" })).toBe(
    'UsageError: --seed-minutes is "soon"; it must be a number, at least 0',
  );
  expect(refusal({ seedLimitRate: "fast" })).toMatch(/^UsageError: --seed-limit-rate is "fast"; /);
});
