import { concat, map, NEVER, type Observable, ReplaySubject, switchMap, takeUntil } from "rxjs";
import { livePeers } from "../../peers/livePeers.js";
import { parsePeerLink } from "../../protocol/PeerLink.js";
import { envelopeBytes } from "../../protocol/protocol.js";
import type { WebSocketPeerOptions } from "../websocket/PeerOptions.js";
import { onceGreeted } from "../websocket/onceGreeted.js";
import { WebSocketPeer } from "../websocket/WebSocketPeer.js";
import type { LoadedEngine } from "./RtcEngine.js";
import { type RtcMeans, RtcMeeting, nameOf } from "./RtcMeeting.js";

/** Seeders that others are met at, at a time. */
const mostMeetings = 8;
/** Others that are asked, at a time. */
const mostPeers = 32;
/** Half a chunk of 256 KiB in each: measured, both 64 KiB and the most that channels take cost more for a byte. */
const longestFrame = 128 * 1024 + envelopeBytes;

export interface RtcPeersConfig extends Omit<RtcMeans, "engine"> {
  readonly engine: LoadedEngine;
  readonly paused?: WebSocketPeerOptions["paused"];
  /** True for the nonce of a connection that our own server has: who is at two addresses of a seeder is told of itself. @default nobody is */
  readonly isOwn?: WebSocketPeerOptions["isOwn"];
  /** Ends the asking. */
  readonly closeWhen: Observable<unknown>;
  /** Leaves the seeders, and with them those who are served. */
  readonly leaveWhen: Observable<unknown>;
}

/**
 * The clients of seeders that serve a file by WebRTC, as peers: lists that change as they come and go. `links` lead to the seeders, who have to have the
 * feature; others have nobody there. They end with the asking. Errors with `LOCAL_IO` where the platform has no WebRTC.
 */
export function rtcPeers(
  links: Observable<readonly string[]>,
  { engine: loaded, paused, isOwn, closeWhen, leaveWhen, ...others }: RtcPeersConfig,
): Observable<readonly WebSocketPeer[]> {
  return loaded.pipe(
    switchMap((engine) => {
      const means: RtcMeans = { ...others, engine };
      return asked(meetingsAt(links, leaveWhen, means), { ...means, paused, isOwn, closeWhen });
    }),
  );
}

/** Meetings that begin now, and go on until `leaveWhen` emits, whoever listens. */
function meetingsAt(
  links: Observable<readonly string[]>,
  leaveWhen: Observable<unknown>,
  means: RtcMeans,
): Observable<readonly RtcMeeting[]> {
  const meetings = new ReplaySubject<readonly RtcMeeting[]>(1);
  const places = links.pipe(map((all) => all.slice(0, mostMeetings)));
  livePeers(concat(places, NEVER), {
    keyOf: (link) => parsePeerLink(link).url,
    make: (link) => new RtcMeeting(parsePeerLink(link), means),
    changesOf: (meeting) => meeting.changes,
  })
    .pipe(takeUntil(leaveWhen))
    .subscribe(meetings);
  return meetings;
}

type Asking = Pick<RtcMeans, "scheduler"> & Pick<RtcPeersConfig, "paused" | "isOwn" | "closeWhen">;

function asked(
  meetings: Observable<readonly RtcMeeting[]>,
  { scheduler, paused, isOwn, closeWhen }: Asking,
): Observable<readonly WebSocketPeer[]> {
  const at = new Map<string, RtcMeeting>();
  const names = meetings.pipe(
    map((all) => {
      at.clear();
      for (const meeting of all) for (const id of meeting.others) at.set(id, meeting);
      return [...at.keys()].slice(0, mostPeers);
    }),
  );
  const peers = livePeers(names, {
    keyOf: nameOf,
    make: (id) => {
      const meeting = at.get(id);
      if (meeting === undefined) throw new TypeError(`${id} is at no seeder`);
      return peerAt(meeting, id, { scheduler, paused, isOwn });
    },
    changesOf: (peer) => peer.changes,
    closeWhen,
  });
  return isOwn === undefined ? peers : peers.pipe(notOurselves);
}

/** The peers that are not found to be this download itself by their greeting; one that does not greet is there, and fails as others do. */
const notOurselves = onceGreeted({
  isKnocked: () => true,
  isTold: () => false,
  sourceOf: () => "exchange",
  unanswered: () => undefined,
});

function peerAt(
  meeting: RtcMeeting,
  id: string,
  { scheduler, paused, isOwn }: Omit<Asking, "closeWhen">,
): WebSocketPeer {
  const name = nameOf(id);
  const link = { url: `${name}/${meeting.root}`, id: name, host: id, root: meeting.root };
  return new WebSocketPeer(link, {
    dial: meeting.dialTo(id),
    maxFrameBytes: longestFrame,
    source: "exchange",
    scheduler,
    paused,
    isOwn,
  });
}
