import { seededRandom } from "../../src/testing/seededRandom.js";
import { syntheticFile } from "../../src/testing/syntheticFile.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";
import { Node, type World } from "./Node.js";

/** A crowd that downloads one file. */
export interface Crowd {
  readonly downloaders: number;
  readonly chunks: number;
  readonly chunkBytes: number;
  readonly seed: number;
  /** Other downloaders that each one knows, besides the origin. */
  readonly neighbours: number;
  /** Time in which all of them begin, ms. */
  readonly withinMs: number;
  /** Share that leaves at a random time, that serves nobody, and that lies. @default 0 */
  readonly leaving?: number;
  readonly freeRiding?: number;
  readonly lying?: number;
  /** Virtual time that it may take, ms. */
  readonly untilMs: number;
}

export interface CrowdResult {
  /** Time from the start to the end of the first and of the last who stayed, ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Downloaders that stayed, and those of them whose file is whole and right. */
  readonly stayed: number;
  readonly right: number;
  readonly originBytes: number;
  /** Bytes that came to those who stayed, twice or wrong ones too. */
  readonly cameBytes: number;
  /** Pieces that an honest node passed on though they were wrong. */
  readonly wrongPassedOn: number;
}

/** Rate of every line, scaled as chunks are: a chunk of 1 MiB at 10 MB/s takes as long. */
const secondsAChunk = 1_048_576 / 10_000_000;

/** Runs the real `download` on every machine of a crowd, in one virtual time. */
export function simulateCrowd(crowd: Crowd): CrowdResult {
  const { downloaders, chunks, chunkBytes, seed, withinMs, untilMs } = crowd;
  const { leaving = 0, freeRiding = 0, lying = 0 } = crowd;
  const clock = new VirtualClock();
  const file = syntheticFile(chunks * chunkBytes, chunkBytes);
  const bytesPerSecond = chunkBytes / secondsAChunk;
  const world: World = { clock, file, bytesPerSecond, roundTripMs: 50, pieceBytes: chunkBytes / 4 };
  const random = seededRandom(seed);
  const origin = new Node(world, { id: "origin", isOrigin: true });
  const rides = (index: number): boolean => index < freeRiding * downloaders;
  const nodes = Array.from({ length: downloaders }, (_, index) => {
    const lies = !rides(index) && index >= downloaders - lying * downloaders;
    return new Node(world, { id: `n${index}`, lies, rides: rides(index) });
  });
  const servers = nodes.filter((_, index) => !rides(index));
  nodes.forEach((node, index) => {
    const known = drawn(servers, crowd.neighbours, node, random);
    clock.schedule(() => node.start([origin, ...known], seededRandom(seed, index + 1)), random() * withinMs);
  });
  const usualMs = (chunks * chunkBytes * 1000) / bytesPerSecond;
  const leavers = new Set(nodes.filter(() => random() < leaving));
  for (const node of leavers) clock.schedule(() => node.leave(), random() * usualMs);

  const staying = nodes.filter((node) => !leavers.has(node));
  const isOver = ({ doneAt, failure }: Node): boolean => doneAt !== undefined || failure !== undefined;
  while (!staying.every(isOver) && (clock.nextMs ?? Infinity) <= untilMs) {
    const until = clock.now() + 1000;
    clock.run(until);
  }
  const times = staying.map(({ doneAt = Infinity, startedAt }) => doneAt - startedAt);
  return {
    firstMs: Math.min(...times),
    lastMs: Math.max(...times),
    stayed: staying.length,
    right: staying.filter((node) => node.doneAt !== undefined && node.isRight).length,
    originBytes: origin.served,
    cameBytes: staying.reduce((sum, { received }) => sum + received, 0),
    wrongPassedOn: nodes.reduce((sum, { wrong }) => sum + wrong, 0),
  };
}

/** Some of the nodes, by chance, without one of them. */
function drawn(nodes: readonly Node[], count: number, but: Node, random: () => number): readonly Node[] {
  const others = nodes.filter((node) => node !== but);
  for (let at = 0; at < Math.min(count, others.length); at++) {
    const from = at + Math.floor(random() * (others.length - at));
    const [one, other] = [others[at], others[from]];
    if (one !== undefined && other !== undefined) [others[at], others[from]] = [other, one];
  }
  return others.slice(0, count);
}
