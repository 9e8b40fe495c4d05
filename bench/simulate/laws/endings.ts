import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";
import type { SwarmRun } from "../../../src/testing/simulateSwarm.js";
import type { Law } from "./Law.js";

const endings: Readonly<Partial<Record<SwarmRun["outcome"], DownloadEvent["type"]>>> = {
  completed: "download-completed",
  paused: "download-paused",
  failed: "download-failed",
};

const isEnd = ({ type }: DownloadEvent): boolean => Object.values(endings).includes(type);

/** However it ends, it ends once. */
export const oneEnd: Law = {
  name: "exactly one terminal event, and it is the last",
  broken: ({ outcome, events, error }) => {
    const wanted = endings[outcome];
    const ends = events.filter(isEnd);
    if (ends.length > 1) return `it ended ${ends.length} times`;
    const [end] = ends;
    if (end !== undefined && end !== events.at(-1)) return `${events.at(-1)?.type} came after ${end.type}`;
    if (wanted === undefined) return undefined; // it was left, perhaps in its last event
    if (end?.type !== wanted) return `it ${outcome} without ${wanted}`;
    if (end.type !== "download-failed") return undefined;
    return end.code === error?.code ? undefined : `its event says ${end.code}, its error ${error?.code}`;
  },
};

export const noHang: Law = {
  name: "it ends",
  broken: ({ outcome, pending, openLegs, makespanMs }) => {
    if (outcome !== "unfinished") return undefined;
    const still = `${pending} timers and ${openLegs} requests`;
    return `after ${makespanMs} ms it had not ended, with ${still}`;
  },
};

export const nothingLeft: Law = {
  name: "whoever has ended, or was left, has no timer and no request",
  broken: ({ outcome, pending, openLegs }) => {
    if (outcome === "unfinished" || (pending === 0 && openLegs === 0)) return undefined;
    return `${outcome} with ${pending} timers and ${openLegs} requests`;
  },
};

export const inOrder: Law = {
  name: "events come in the order of time",
  broken: ({ events }) => {
    const at = events.findIndex((event, i) => event.at < (events[i - 1]?.at ?? 0));
    return at < 0 ? undefined : `event ${at} is of ${events[at]?.at} ms, the one before of ${events[at - 1]?.at} ms`;
  },
};
