import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openFamilies } from "../../../bench/hostile/families.js";
import { tryFamily } from "../../../bench/hostile/tryFamily.js";
import { tempFolder } from "../../tempFolder.js";

/** So many kinds are left out between two that are met: all of them are met by `npm run test:hostile`. */
const step = 6;

// Each has an address of its own, as only Linux gives them without being asked.
it.skipIf(process.platform !== "linux")(
  "A download beside a hostile seeder or server ends right and in time, keeps its memory, and blames no honest peer",
  async () => {
    const bytes = randomBytes(2 * 1024 * 1024);
    const families = await openFamilies(await tempFolder(), bytes);
    try {
      for (const family of families.all) {
        const kinds = family.kinds.filter((_, index) => index % step === 0);
        const met = await tryFamily({ ...family, kinds }, bytes, 4);
        expect(met).toHaveLength(kinds.length);
        expect(met.filter(({ faults }) => faults.length > 0)).toEqual([]);
      }
    } finally {
      await families.close();
    }
  },
);
