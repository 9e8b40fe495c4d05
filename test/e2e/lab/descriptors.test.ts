import { expect } from "vitest";
import { rate } from "./faults/pace.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

/** Less than eight connections to each of eight mirrors need, and enough for the program to start. */
const few = "ulimit -n 72";

it("A machine without file descriptors for more connections goes on with fewer, saves its progress, and blames no mirror", async ({
  lab,
}) => {
  const content = await lab.file(16 * 1024 * 1024);
  for (let n = 0; n < 8; n++) await lab.start(serve(content, facts, rate(500_000)));
  const get = lab.getWithin(few, "--max-concurrent-chunks", "64");
  expect([await get.ended(), get.stderr]).toEqual([0, ""]);
  expect(await lab.isRight()).toBe(true);
  const failures = get.all("attempt-failed").map(({ code }) => code);
  expect(new Set(failures)).toEqual(new Set(["LOCAL_IO"]));
  expect([...get.all("peer-blacklisted"), ...get.all("peer-excluded")]).toEqual([]);
  expect(get.all("checkpoint-saved").length).toBeGreaterThan(0);
});
