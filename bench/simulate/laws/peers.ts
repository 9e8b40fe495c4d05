import type { DownloadEvent, DownloadEventOf } from "../../../src/download/DownloadEvent.js";
import { OpenLegs } from "./OpenLegs.js";
import type { Law } from "./Law.js";
import { firstComplaint } from "./Law.js";

type Started = DownloadEventOf<"attempt-started">;

const whom = ({ chunk, attempt, leg, peer, at }: Started): string =>
  `${peer} was asked for chunk ${chunk} (attempt ${attempt}, leg ${leg}) at ${at} ms`;

export const nobodyBanned: Law = {
  name: "nobody who is quarantined or excluded is asked",
  broken: ({ events }) => {
    const out = new Map<string, DownloadEvent>();
    return firstComplaint(events, (event) => {
      if (event.type === "peer-quarantined" || event.type === "peer-excluded") out.set(event.peer, event);
      if (event.type !== "attempt-started") return undefined;
      const ban = out.get(event.peer);
      return ban && `${whom(event)}, ${ban.type} since ${ban.at} ms`;
    });
  },
};

export const busyRest: Law = {
  name: "a busy peer gets its rest",
  broken: ({ events }) => {
    const rests = new Map<string, number>();
    return firstComplaint(events, (event) => {
      if (event.type === "peer-busy") rests.set(event.peer, event.untilMs ?? Infinity);
      if (event.type === "peer-blacklisted") rests.delete(event.peer); // that has a law of its own
      if (event.type !== "attempt-started") return undefined;
      const untilMs = rests.get(event.peer) ?? 0;
      return event.at < untilMs ? `${whom(event)}, busy until ${untilMs} ms` : undefined;
    });
  },
};

/**
 * A blacklisted peer is out until its time ends or an event says that it is probed early; from then on it may have one request at a
 * time, until it is restored. Of legs that lost a race nothing is told, so where a chunk has several a probe counts as over.
 */
export const oneProbe: Law = {
  name: "a blacklisted peer is asked only to probe it, once at a time",
  broken: ({ events }) => {
    const out = new Map<string, { readonly untilMs: number; probe: Started | undefined }>();
    const open = new OpenLegs();
    return firstComplaint(events, (event) => {
      open.note(event);
      if (event.type === "peer-restored") out.delete(event.peer);
      if (event.type === "peer-blacklisted") {
        const untilMs = event.probing ? event.at : (event.untilMs ?? Infinity);
        out.set(event.peer, { untilMs, probe: undefined });
      }
      if (event.type !== "attempt-started") return undefined;
      const ban = out.get(event.peer);
      if (ban === undefined) return undefined;
      if (event.at < ban.untilMs) return `${whom(event)}, blacklisted until ${ban.untilMs} ms`;
      const { probe } = ban;
      ban.probe = event;
      if (probe === undefined || !open.has(probe) || open.raced(probe.chunk)) return undefined;
      // Its slot may be given away in the moment before its failure is told.
      if (events.some((later) => later.at === event.at && isFailureOf(probe, later))) return undefined;
      return `${whom(event)}, while it was probed with chunk ${probe.chunk} since ${probe.at} ms`;
    });
  },
};

function isFailureOf({ chunk, attempt, leg }: Started, event: DownloadEvent): boolean {
  if (event.type !== "attempt-failed") return false;
  return event.chunk === chunk && event.attempt === attempt && event.leg === leg;
}

export const rightName: Law = {
  name: "a failed leg has the peer it was begun with",
  broken: ({ events }) => {
    const begun = new Map<string, string>();
    return firstComplaint(events, (event) => {
      if (event.type !== "attempt-started" && event.type !== "attempt-failed") return undefined;
      const leg = `chunk ${event.chunk}, attempt ${event.attempt}, leg ${event.leg}`;
      if (event.type === "attempt-started") begun.set(leg, event.peer);
      else if (begun.get(leg) !== event.peer) return `${leg} of ${begun.get(leg)} failed as one of ${event.peer}`;
      return undefined;
    });
  },
};

export const oneLegAPeer: Law = {
  name: "a chunk has no two legs on one peer at once",
  broken: ({ events }) => {
    const open = new OpenLegs();
    return firstComplaint(events, (event) => {
      if (event.type !== "attempt-started") {
        open.note(event);
        return undefined;
      }
      const other = open.of(event.chunk).find(({ attempt, peer }) => attempt === event.attempt && peer === event.peer);
      open.note(event);
      return other && `${whom(event)}, while its leg ${other.leg} ran there`;
    });
  },
};
