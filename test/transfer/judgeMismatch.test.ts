import { expect, it } from "vitest";
import type { Judgement } from "../../src/transfer/judgeFailure.js";
import type { JudgedBytes } from "../../src/transfer/judgeMismatch.js";
import { judgeMismatch } from "../../src/transfer/judgeMismatch.js";

const usual: JudgedBytes = { broughtBy: ["A"], isFromOnlyPeer: false, isSecondTry: false, legs: 1 };
const strict = { strict: true };

type Row = readonly [
  string,
  Partial<JudgedBytes>,
  { strict: boolean } | undefined,
  Judgement["blame"],
  Judgement["verdict"],
];

it.each<Row>([
  ["from one of several peers is that peer's lie", {}, undefined, "quarantined", "switch"],
  ["from an attempt of several legs is its peer's lie", { legs: 2 }, undefined, "quarantined", "continue"],
  ["from an only peer is asked for again", { isFromOnlyPeer: true }, undefined, "nobody", "continue"],
  [
    "from an only peer, once more, is its lie",
    { isFromOnlyPeer: true, isSecondTry: true },
    undefined,
    "quarantined",
    "switch",
  ],
  ["from two peers is nobody's yet", { broughtBy: ["A", "B"] }, undefined, "nobody", "continue"],
  [
    "from two peers, once more, is nobody's yet",
    { broughtBy: ["A", "B"], isSecondTry: true },
    undefined,
    "nobody",
    "continue",
  ],
  ["from the disk is nobody's", { broughtBy: [undefined] }, undefined, "nobody", "continue"],
  ["from the disk and one peer is nobody's yet", { broughtBy: [undefined, "A"] }, undefined, "nobody", "continue"],
  ["in strict mode ends all", {}, strict, "nobody", "fail"],
])("A wrong chunk %s", (_, what, config = { strict: false }, blame, verdict) => {
  const judged = judgeMismatch({ ...usual, ...what }, config);
  const always = { code: "CHECKSUM_MISMATCH", delivered: false, progressed: false, notBeforeMs: 0 };
  expect(judged).toEqual({ ...always, blame, verdict });
});
