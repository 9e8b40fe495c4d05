import { VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { Admission } from "../../src/seeder/Admission.js";

/** Tells whether an answer to the address may begin, which it does then. */
function enters(admission: Admission, address: string): boolean {
  try {
    admission.enter(address);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "PEER_BUSY" });
    return false;
  }
}

const addresses = (count: number, net: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${net}.${at >> 8}.${at & 255}`);

it("The line of those that wait is bounded, however many addresses ask: those beyond have no place in it", () => {
  const admission = new Admission(new VirtualTimeScheduler());
  const [leaving = "", ...others] = addresses(32, "10.0");
  for (const address of [leaving, ...others]) admission.enter(address);
  const crowd = addresses(5000, "10.1");
  for (const address of crowd) expect(enters(admission, address)).toBe(false);
  admission.leave(leaving);
  // Whoever has a place goes first, one after the other; then the line is empty, and who comes first goes first.
  for (const address of crowd.slice(0, 1024)) {
    expect(enters(admission, address)).toBe(true);
    admission.leave(address);
  }
  expect(enters(admission, "10.2.0.1")).toBe(true);
});

it("While others wait, somebody who is not among the first in line is answered only while fewer than 16 are", () => {
  const admission = new Admission(new VirtualTimeScheduler());
  const inside = addresses(32, "10.0");
  for (const address of inside) admission.enter(address);
  const line = addresses(40, "10.1");
  for (const address of line) enters(admission, address);
  for (const address of inside.slice(0, 16)) admission.leave(address);
  // Sixteen are answered, and the first sixteen in line may come: nobody else, whether answered already, in line or new.
  const [answered = "", last = ""] = [inside.at(-1), line.at(-1)];
  for (const address of [answered, last, "10.2.0.1"]) expect(enters(admission, address)).toBe(false);
  admission.leave(answered);
  for (const address of [last, "10.2.0.1"]) {
    expect(enters(admission, address)).toBe(true);
    admission.leave(address);
  }
  expect(enters(admission, line[15] ?? "")).toBe(true);
});

it("Who has a place keeps it by coming again, also while others have none", () => {
  const scheduler = new VirtualTimeScheduler();
  const admission = new Admission(scheduler);
  const [leaving = "", ...others] = addresses(32, "10.0");
  for (const address of [leaving, ...others]) admission.enter(address);
  const [first = "", ...crowd] = addresses(1100, "10.1");
  for (const address of [first, ...crowd]) enters(admission, address);
  scheduler.frame = 9000;
  expect(enters(admission, first)).toBe(false);
  scheduler.frame = 12_000;
  admission.leave(leaving);
  expect(enters(admission, "10.2.0.1")).toBe(false);
  expect(enters(admission, first)).toBe(true);
});
