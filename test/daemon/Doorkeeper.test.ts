import { expect, it } from "vitest";
import { Doorkeeper } from "../../src/daemon/Doorkeeper.js";

it("A ticket is good once, and for five minutes", () => {
  let now = 0;
  const door = new Doorkeeper({ port: 1234, token: "a token that nobody guesses", now: () => now, isBrief: false });
  const [first, second, third] = [door.ticket(), door.ticket(), door.ticket()];
  expect(new Set([first, second, third]).size).toBe(3);
  expect([door.takes(first), door.takes(first)]).toEqual([true, false]);
  now = 299_999;
  expect(door.takes(second)).toBe(true);
  now = 300_000;
  expect(door.takes(third)).toBe(false);
  expect([door.takes(""), door.takes("a token that nobody guesses")]).toEqual([false, false]);
});

it("A ticket of a command is good once, as long as the command runs, and its cookie as long as the browser", () => {
  let now = 0;
  const door = new Doorkeeper({ port: 1234, token: "a token that nobody guesses", now: () => now, isBrief: true });
  const ticket = door.ticket();
  now = 365 * 24 * 3_600_000;
  expect([door.takes(ticket), door.takes(ticket)]).toEqual([true, false]);
  expect(door.setCookie).not.toContain("Max-Age");
});
