import { lastValueFrom, toArray } from "rxjs";
import { expect, it } from "vitest";
import { stillHas } from "../../src/discovery/stillHas.js";
import { someBytes } from "../download/swarm.js";
import { marbles } from "../operators/marbles.js";
import { discoveryFor } from "./discoveryFor.js";
import { type MirrorScript, scriptedMirror } from "./scriptedMirror.js";

const file = someBytes(20_000);
/** With another byte at its place 10,000. */
const other = file.map((byte, at) => (at === 10_000 ? byte ^ 1 : byte));
const held = (position: number, length = 100) => ({ position, bytes: file.subarray(position, position + length) });

interface Has extends MirrorScript {
  readonly bytes?: Uint8Array;
  /** Bytes that it brought. @default 1 */
  readonly brought?: number;
}

/** What mirrors with these files say to the bytes at 0 and at 9,950, and what each was asked. */
async function answersOf(mirrors: readonly Has[], { places = [0, 9950], isResumed = true } = {}) {
  const all = mirrors.map(({ bytes = file, ...script }, n) => scriptedMirror(`m${n}`, bytes, script));
  const brought = Object.fromEntries(all.map(({ peer }, n) => [peer.id, mirrors[n]?.brought ?? 1]));
  const asking = stillHas(
    all.map(({ peer }) => peer),
    discoveryFor({ maxChunkRetries: 0 }),
  );
  const said = asking(
    places.map((position) => held(position)),
    { brought, isResumed },
  );
  return { said: await lastValueFrom(said.pipe(toArray())), asked: all.map(({ asked }) => asked) };
}

it("A mirror that has the same bytes still has the file", async () => {
  expect(await answersOf([{}])).toEqual({ said: [true], asked: [["bytes=0-99", "bytes=9950-10049"]] });
});

it("One mirror with other bytes decides, however many have the same", async () => {
  expect((await answersOf([{}, { bytes: other }, {}])).said).toEqual([false]);
});

it("Of many mirrors the three that brought most are asked", async () => {
  const { asked } = await answersOf([4, 1, 3, 2].map((brought) => ({ brought })));
  expect(asked.map(({ length }) => length)).toEqual([2, 0, 2, 2]);
});

it("Where nobody brought a byte in this run, the first mirror is asked", async () => {
  const [first, second] = [scriptedMirror("a", file), scriptedMirror("b", file)];
  const said = stillHas([first.peer, second.peer], discoveryFor())([held(0)], { brought: {}, isResumed: true });
  expect(await lastValueFrom(said.pipe(toArray()))).toEqual([true]);
  expect([first.asked, second.asked]).toEqual([["bytes=0-99"], []]);
});

it("A file that came in one answer of one mirror is joined from nothing, and nobody is asked", async () => {
  expect(await answersOf([{}], { isResumed: false })).toEqual({ said: [], asked: [[]] });
});

it("A mirror that sends only whole files is compared at the start alone", async () => {
  const whole = { ranges: false, turns: [undefined] };
  const { peer } = scriptedMirror("a", other, whole);
  peer.expect({ size: file.length });
  await lastValueFrom(peer.probe());
  const say = (position: number) =>
    lastValueFrom(
      stillHas([peer], discoveryFor())([held(position)], { brought: { [peer.id]: 1 }, isResumed: true }).pipe(
        toArray(),
      ),
    );
  expect(await say(0)).toEqual([true]);
  expect(await say(9950)).toEqual([]);
});

it("A mirror that fails has no say where another one answers", async () => {
  expect((await answersOf([{ turns: [404] }, {}])).said).toEqual([true]);
});

it(
  "A mirror that is silent has no say a moment after another one has answered",
  marbles(({ expectObservable }) => {
    const [a, b] = [scriptedMirror("a", file, { silentFrom: 0 }), scriptedMirror("b", file, { afterMs: 10 })];
    const brought = { [a.peer.id]: 2, [b.peer.id]: 1 };
    const said = stillHas([a.peer, b.peer], discoveryFor())([held(0)], { brought, isResumed: false });
    expectObservable(said).toBe("1510ms (x|)", { x: true });
  }),
);

it(
  "A mirror that refuses connections is not waited for where another one answers",
  marbles(({ expectObservable }) => {
    const [a, b] = [
      scriptedMirror("a", file, { turns: ["CONNECTION_REFUSED"] }),
      scriptedMirror("b", file, { afterMs: 10 }),
    ];
    const brought = { [a.peer.id]: 2, [b.peer.id]: 1 };
    const said = stillHas([a.peer, b.peer], discoveryFor())([held(0)], { brought, isResumed: false });
    expectObservable(said).toBe("10ms (x|)", { x: true });
  }),
);

it("A mirror that says that its file has changed has said that it differs", async () => {
  expect((await answersOf([{ turns: [412] }, {}])).said).toEqual([false]);
});

it("Where no mirror answers, the first failure is told", async () => {
  await expect(answersOf([{ turns: [404] }, { turns: [401] }])).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});
