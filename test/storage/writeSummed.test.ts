import { EMPTY, lastValueFrom, of } from "rxjs";
import { expect, it, vi } from "vitest";
import { crc32 } from "../../src/storage/crc32.js";
import { writeSummed } from "../../src/storage/writeSummed.js";

const bytes = Uint8Array.of(1, 2, 3);

it("A sink that sums is asked for one write, whose sum is emitted: others may count what they are asked for", async () => {
  const write = vi.fn(() => EMPTY);
  expect(await lastValueFrom(writeSummed({ write, writeSummed: () => of(7) }, crc32, { offset: 0, bytes }))).toBe(7);
  expect(write).not.toHaveBeenCalled();
});

it("What is written by a sink that does not sum is summed when it is written", async () => {
  const write = vi.fn(() => EMPTY);
  expect(await lastValueFrom(writeSummed({ write }, crc32, { offset: 0, bytes }))).toBe(crc32(bytes));
  expect(write).toHaveBeenCalledOnce();
});
