import { expect, it } from "vitest";
import { Witnesses } from "../../src/download/Witnesses.js";

it("A chunk that two peers brought alike stands on the word of neither", () => {
  const witnesses = new Witnesses();
  witnesses.brought(0, 7, ["A"]);
  expect(witnesses.standingOn("A")).toEqual([0]);
  witnesses.brought(0, 7, ["B"]);
  expect(witnesses.standingOn("A")).toEqual([]);
  expect(witnesses.contested).toEqual([]);
});

it("A chunk that two peers brought together stands on the word of each", () => {
  const witnesses = new Witnesses();
  witnesses.brought(0, 7, ["A", "B"]);
  expect(witnesses.standingOn("A")).toEqual([0]);
  expect(witnesses.standingOn("B")).toEqual([0]);
  expect(witnesses.bringerOf(0)).toBeUndefined();
});

it("A chunk whose bringers are not known stands on everybody's word", () => {
  const witnesses = new Witnesses();
  witnesses.brought(0, 7, []);
  witnesses.brought(1, 8, ["A"]);
  expect(witnesses.standingOn("A")).toEqual([0, 1]);
});

it("Whoever alone brought another version than the last is a liar, and not who had a part in it", () => {
  const witnesses = new Witnesses();
  witnesses.brought(0, 1, ["A"]);
  witnesses.brought(0, 2, ["B"]);
  witnesses.brought(1, 1, ["A", "C"]);
  witnesses.brought(1, 2, ["B"]);
  expect([...witnesses.liars]).toEqual([["A", [0]]]);
  // The version that came before is the one that counts again.
  witnesses.brought(0, 1, ["C"]);
  expect([...witnesses.liars]).toEqual([["B", [0]]]);
});

it("Suspected first is who is contradicted most, then who brought least", () => {
  const witnesses = new Witnesses();
  for (const chunk of [0, 1, 2]) witnesses.brought(chunk, 1, ["A"]);
  for (const chunk of [3, 4]) witnesses.brought(chunk, 1, ["B"]);
  expect(witnesses.suspects).toEqual(["B", "A"]);
  witnesses.brought(5, 2, ["B"]);
  witnesses.brought(5, 1, ["A"]);
  expect(witnesses.suspects).toEqual(["A", "B"]);
});
