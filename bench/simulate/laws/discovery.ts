import type { verdicts } from "../../../src/errors/verdicts.js";
import type { DiscoveryRun, DiscoveryScript } from "../../../src/testing/simulateDiscovery.js";
import type { AskedQuestion } from "../../../src/testing/stageQuestions.js";
import { busyFates, lastingFates } from "../drawDiscovery.js";
import type { Law } from "./Law.js";
import { firstComplaint } from "./Law.js";

type DiscoveryLaw = Law<DiscoveryRun, DiscoveryScript>;

const wasHeard = (fates: readonly string[], { fate, heardAtMs }: AskedQuestion): boolean =>
  heardAtMs !== undefined && fates.includes(fate);

/** The next question to the peer of a question. */
function nextTo({ asked }: DiscoveryRun, question: AskedQuestion): AskedQuestion | undefined {
  return asked.slice(asked.indexOf(question) + 1).find(({ peer }) => peer === question.peer);
}

const ends: DiscoveryLaw = {
  name: "a discovery ends, with a file or with an error",
  broken: ({ outcome, facts, error, makespanMs }) => {
    if (outcome === "unfinished") return `it had not ended after ${makespanMs} ms`;
    if ((outcome === "known") !== (facts !== undefined)) return `it is ${outcome} and has ${facts ? "a" : "no"} file`;
    return (outcome === "failed") === (error !== undefined) ? undefined : `it is ${outcome}, its error ${error?.code}`;
  },
};

const leavesNothing: DiscoveryLaw = {
  name: "a discovery that has ended, or was left, has no timer and no question",
  broken: ({ outcome, pending, openQuestions }, { question }) => {
    if (outcome === "unfinished") return undefined;
    // The answer of an only mirror is the first chunk.
    const mostOpen = outcome === "known" && question === "mirror" ? 1 : 0;
    return pending === 0 && openQuestions <= mostOpen
      ? undefined
      : `${outcome} with ${pending} timers and ${openQuestions} questions`;
  },
};

const inTime: DiscoveryLaw = {
  name: "events and questions of a discovery come in the order of time",
  broken: ({ events, asked }) => {
    const times = [events.map(({ at }) => at), asked.map(({ atMs }) => atMs)];
    return times.some((all) => all.some((at, n) => at < (all[n - 1] ?? 0)))
      ? "one is before the one before"
      : undefined;
  },
};

const statedFailure: DiscoveryLaw = {
  name: "a discovery fails with what a peer did, or for want of any",
  broken: ({ error, asked }, { question, sleep }) => {
    if (error === undefined) return undefined;
    const { code } = error;
    if (asked.some(({ fate }) => fate === code)) return undefined;
    const because: Partial<Record<keyof typeof verdicts, boolean>> = {
      // Patience may be shorter than the second in which sleep is noticed.
      NETWORK_DOWN: sleep !== undefined,
      NO_PEERS: question === "manifest" || asked.length === 0,
      RETRIES_EXHAUSTED: question === "manifest",
      CHUNK_DEADLINE: question === "manifest",
      FILE_NOT_FOUND_ANYWHERE: asked.some(({ fate }) => fate === "FILE_NOT_FOUND"),
      TIMEOUT: asked.some(({ heardAtMs }) => heardAtMs === undefined),
    };
    return because[code] === true ? undefined : `nothing gave it reason for ${code} (${error.message})`;
  },
};

const found: DiscoveryLaw = {
  name: "a manifest is found where a peer always answers",
  broken: ({ outcome, error }, { question, peers, retry, unsubscribeAt }) => {
    // A policy may end it before that peer's turn.
    if (question !== "manifest" || retry !== undefined || unsubscribeAt !== undefined) return undefined;
    const good = peers.find(
      ({ fates, latencyMs = 0 }) => latencyMs < 1000 && fates.every((fate) => fate === "answers"),
    );
    return good === undefined || outcome === "known"
      ? undefined
      : `${good.id} has it, and it is ${outcome} (${error?.code})`;
  },
};

const lastingIsLast: DiscoveryLaw = {
  name: "nobody is asked for a manifest again who refused it for good",
  broken: (run, { question }) =>
    firstComplaint(run.asked, (asked) => {
      if (question !== "manifest" || !wasHeard(lastingFates, asked)) return undefined;
      const next = nextTo(run, asked);
      return next && `${next.peer} was asked at ${next.atMs} ms, after ${asked.fate} at ${asked.heardAtMs} ms`;
    }),
};

const busyRests: DiscoveryLaw = {
  name: "a busy peer is left alone for a second at least",
  broken: (run, { question, sleep }) =>
    firstComplaint(run.asked, (asked) => {
      if (question !== "manifest" || sleep !== undefined || !wasHeard(busyFates, asked)) return undefined;
      const next = nextTo(run, asked);
      const { heardAtMs = 0 } = asked;
      if (next === undefined || next.atMs - heardAtMs >= 1000) return undefined;
      return `${next.peer} was asked at ${next.atMs} ms, after ${asked.fate} at ${heardAtMs} ms`;
    }),
};

const oneFile: DiscoveryLaw = {
  name: "mirrors that are used together have the same file",
  broken: ({ peers }, { question, peers: drawn }) => {
    if (question !== "mirror") return undefined;
    const used = drawn.filter(({ id }) => peers.includes(id));
    const stale = used.filter(({ isStale }) => isStale === true);
    return stale.length === 0 || stale.length === used.length
      ? undefined
      : `${stale.length} of ${used.length} have another file`;
  },
};

const majority: DiscoveryLaw = {
  name: "mirrors that all answer at once are used with the bytes of the majority",
  broken: ({ outcome, peers }, { question, peers: drawn }) => {
    const answerAlike = drawn.every(
      ({ fates, latencyMs, ranges = true }) =>
        fates.every((fate) => fate === "answers") && latencyMs === drawn[0]?.latencyMs && ranges,
    );
    if (question !== "mirror" || outcome !== "known" || !answerAlike) return undefined;
    const stale = drawn.filter(({ isStale }) => isStale === true);
    if (stale.length * 2 === drawn.length) return undefined;
    const expected = stale.length * 2 > drawn.length;
    return drawn.some(({ id, isStale = false }) => peers.includes(id) && isStale !== expected)
      ? `${stale.length} of ${drawn.length} have another file, and ${peers.join(" and ")} are used`
      : undefined;
  },
};

/** What holds for every discovery. */
export const discoveryLaws: readonly DiscoveryLaw[] = [
  ...[ends, leavesNothing, inTime, statedFailure, found],
  ...[lastingIsLast, busyRests, oneFile, majority],
];
