import { expect, it } from "vitest";
import { PeerSpeeds } from "../../src/download/PeerSpeeds.js";

it("The speed of a peer follows its bytes slowly, and ends two seconds after the last of them", () => {
  const speeds = new PeerSpeeds(250);
  expect(speeds.beat({})).toEqual({});
  expect(speeds.beat({ a: 250 })).toEqual({ a: 1000 });
  expect(speeds.beat({ a: 1000, b: 10 })).toEqual({ a: 1400, b: 40 });
  const silent = Array.from({ length: 8 }, () => speeds.beat({ a: 1000, b: 10 }));
  expect(silent[0]).toEqual({ a: 1120, b: 32 });
  expect(Object.keys(silent[6] ?? {})).toEqual(["a", "b"]);
  expect(silent[7]).toEqual({});
  expect(speeds.beat({ a: 1250, b: 10 })).toEqual({ a: 1000 });
});
