import fc from "fast-check";
import { expect, it } from "vitest";
import { type Account, addAccounts, addRestart, emptyAccount } from "../../src/download/Account.js";

const before: Account = {
  ...emptyAccount,
  size: 1000,
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

it("A download that was begun anew has received in vain what came before", () => {
  const after = addRestart(before, {
    ...emptyAccount,
    size: 1200,
    done: 1200,
    verified: 1200,
    received: 1200,
    bytesByPeer: { b: 1200 },
    waste: { hedge: 10 },
    longestRecoveryMs: 100,
    elapsedMs: 7000,
  });
  expect(after).toEqual({
    ...emptyAccount,
    size: 1200,
    done: 1200,
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

it("A download that was begun anew and took up what came before has received nothing in vain, and was taken up by no other run", () => {
  const again = { ...emptyAccount, size: 1000, resumed: 450, received: 550, resumes: 2 };
  expect(addRestart(before, again)).toMatchObject({ received: 950, resumed: 100, waste: { hedge: 50 }, resumes: 1 });
});

const counts = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(1000));
/** An account with a figure of the right kind in every field. */
const accounts = fc.record(
  Object.fromEntries(
    Object.entries(emptyAccount).map(([name, zero]) => [
      name,
      typeof zero === "number" ? fc.nat(1000) : typeof zero === "string" ? fc.constantFrom("chunks", "none") : counts,
    ]),
  ),
) as unknown as fc.Arbitrary<Account>;

it("Accounts add up in whatever groups, and an empty one before them adds nothing", () => {
  fc.assert(
    fc.property(accounts, accounts, accounts, (a, b, c) => {
      expect(addAccounts(emptyAccount, a)).toEqual(a);
      expect(addAccounts(addAccounts(a, b), c)).toEqual(addAccounts(a, addAccounts(b, c)));
    }),
  );
});

it("An entry leaves alone what it does not speak of", () => {
  const { switches, hedges, ...others } = addAccounts(before, { switches: 1, hedges: { dead: 1, "end-game": 2 } });
  expect([switches, hedges]).toEqual([3, { dead: 2, "end-game": 2 }]);
  expect(others).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => name in others)));
});
