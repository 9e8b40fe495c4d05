import { expect, it } from "vitest";
import { untouchedAccount } from "../../src/discovery/beforeStart.js";
import type { Account } from "../../src/download/Account.js";
import { afterRestart } from "../../src/download/afterRestart.js";

const before: Account = {
  ...untouchedAccount(1000, 0),
  resumed: 100,
  received: 400,
  bytesByPeer: { a: 300, b: 100 },
  waste: { hedge: 50 },
  retries: { STALLED: 1 },
  waits: { busy: 2 },
  continuations: 1,
  switches: 2,
  hedges: { dead: 1 },
  troubledChunks: 3,
  recoveredChunks: 2,
  longestRecoveryMs: 900,
  resumes: 1,
  elapsedMs: 5000,
};

it("a download that was begun anew has received what came before in vain", () => {
  const after = afterRestart(before, {
    ...untouchedAccount(1200, 0),
    verified: 1200,
    received: 1200,
    bytesByPeer: { b: 1200 },
    waste: { hedge: 10 },
    longestRecoveryMs: 100,
    elapsedMs: 7000,
  });
  expect(after).toEqual({
    ...untouchedAccount(1200, 0),
    verified: 1200,
    received: 1600,
    bytesByPeer: { a: 300, b: 1300 },
    waste: { hedge: 60, restart: 350 },
    retries: { STALLED: 1 },
    waits: { busy: 2 },
    continuations: 1,
    switches: 2,
    hedges: { dead: 1 },
    troubledChunks: 3,
    recoveredChunks: 2,
    longestRecoveryMs: 900,
    resumes: 0,
    elapsedMs: 12_000,
  });
});

it("one that took up what came before has not, nor was it taken up by another run", () => {
  const again = { ...untouchedAccount(1000, 0), resumed: 450, received: 550, resumes: 2 };
  expect(afterRestart(before, again)).toMatchObject({ received: 950, resumed: 100, waste: { hedge: 50 }, resumes: 1 });
});
