import { NEVER, type Observable, of, type SchedulerLike } from "rxjs";
import type { Swarm } from "../discovery/Swarm.js";
import type { Manifest } from "../manifest/Manifest.js";
import { fated, type OpenQuestion, type QuestionFate, SimulatedMirror } from "./SimulatedMirror.js";
import type { SyntheticFile } from "./syntheticFile.js";

/** One peer or mirror of a discovery. */
export interface DiscoveryPeer {
  /** A peer's `ws://` place, or a mirror's `http://` URL. */
  readonly id: string;
  /** Fates of the questions to it, one after the other, the last one for all that come after; none is silence. */
  readonly fates: readonly QuestionFate[];
  /** Time to each answer, ms. @default 20 */
  readonly latencyMs?: number;
  /** True when it has another file of the same size; mirrors only. @default false */
  readonly isStale?: boolean;
  /** True when its file is shorter by a byte; mirrors only. @default false */
  readonly isShort?: boolean;
  /** True when it can start in the middle; mirrors only. @default true */
  readonly ranges?: boolean;
}

/** A question to a peer, and its fate. */
export interface AskedQuestion {
  readonly peer: string;
  /** On the clock of the discovery, which stands while the machine sleeps or has no network. */
  readonly atMs: number;
  readonly fate: QuestionFate;
  /** When its fate was known, on the same clock; absent where it was dropped before. */
  readonly heardAtMs?: number;
}

const usualLatencyMs = 20;

/** The peers of a script, each with its fates, and the questions to them. */
export function stageQuestions(
  { question, peers }: { readonly question: "manifest" | "mirror"; readonly peers: readonly DiscoveryPeer[] },
  file: SyntheticFile,
  { scheduler, now }: { readonly scheduler: SchedulerLike; readonly now: () => number },
): { readonly swarm: Swarm; readonly asked: readonly AskedQuestion[]; readonly open: () => number } {
  const asked: AskedQuestion[] = [];
  let open = 0;
  const common = ({ id, fates, latencyMs = usualLatencyMs }: DiscoveryPeer) => {
    let n = 0;
    const ask = (): OpenQuestion => {
      const fate = fates[Math.min(n++, fates.length - 1)] ?? "silent";
      const question = { peer: id, atMs: now(), fate };
      const at = asked.push(question) - 1;
      open += 1;
      return {
        fate,
        heard: () => (asked[at] = { ...question, heardAtMs: now() }),
        over: () => (open -= 1),
      };
    };
    return { id, latencyMs, scheduler, ask };
  };
  const socketOf = (peer: DiscoveryPeer) => {
    const parts = common(peer);
    const manifest = (): Observable<Manifest> => fated(parts, () => of(file.manifest));
    return { id: peer.id, ranges: true, request: () => NEVER, manifest };
  };
  const mirrorOf = (peer: DiscoveryPeer) => {
    const bytes = peer.isStale === true ? file.flipped : file.bytes;
    const size = file.manifest.size - Number(peer.isShort === true);
    return new SimulatedMirror({ ...common(peer), size, bytes, ranges: peer.ranges ?? true });
  };
  const isManifest = question === "manifest";
  const swarm = {
    sockets: of(isManifest ? peers.map(socketOf) : []),
    mirrors: of(isManifest ? [] : peers.map(mirrorOf)),
  };
  return { swarm, asked, open: () => open };
}
