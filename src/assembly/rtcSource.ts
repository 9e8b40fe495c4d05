import {
  asyncScheduler,
  catchError,
  defer,
  from,
  type Observable,
  ReplaySubject,
  switchMap,
  take,
  takeUntil,
  throwError,
} from "rxjs";
import { defaultRandom } from "../../operators/defaults.js";
import type { RtcPeersConfig } from "../adapters/webrtc/rtcPeers.js";
import { type RtcOptions, iceServersOf } from "../adapters/webrtc/RtcOptions.js";
import type { ManifestPeer } from "../discovery/fetchManifest.js";
import { notLoaded } from "../errors/notLoaded.js";
import type { Peer } from "../peers/Peer.js";

/** Peers by WebRTC, who are met at the seeders behind links; `closeWhen` ends the asking. */
export type RtcSource = (
  links: Observable<readonly string[]>,
  run: Pick<RtcPeersConfig, "publicOnly" | "closeWhen">,
) => Observable<readonly (Peer & ManifestPeer)[]>;

export interface RtcWays extends Pick<RtcPeersConfig, "dial" | "mayAsk" | "serve" | "paused" | "isOwn"> {
  readonly engine: () => Promise<RtcPeersConfig["engine"]>;
  readonly tokens: RtcPeersConfig["tokens"] | undefined;
  /** Ends the serving. @default the end of the run */
  readonly leaveWhen: Observable<unknown> | undefined;
}

const code = defer(() => import("../adapters/webrtc/rtcPeers.js")).pipe(
  catchError((thrown: unknown) => throwError(() => notLoaded("WebRTC", thrown))),
);

/**
 * A source of peers by WebRTC, whose code is loaded at the subscription; `undefined` where it is not asked for. A run that is over before the code is there, as
 * that of a file that is whole already, is served on as any: until `leaveWhen` emits.
 */
export function rtcSource(rtc: boolean | RtcOptions | undefined, ways: RtcWays): RtcSource | undefined {
  const iceServers = iceServersOf(rtc);
  if (iceServers === undefined) return undefined;
  const { engine, tokens = {}, leaveWhen, ...others } = ways;
  return (links, run) =>
    defer(() => {
      const closeWhen = new ReplaySubject<unknown>(1);
      const known = new ReplaySubject<readonly string[]>(1);
      run.closeWhen.pipe(take(1)).subscribe(closeWhen);
      links.pipe(takeUntil(closeWhen)).subscribe(known);
      const met = code.pipe(
        switchMap(({ rtcPeers }) =>
          rtcPeers(known, {
            ...others,
            ...run,
            closeWhen,
            tokens,
            iceServers,
            engine: defer(() => from(engine())).pipe(switchMap((loaded) => loaded)),
            leaveWhen: leaveWhen ?? closeWhen,
            scheduler: asyncScheduler,
            random: defaultRandom,
          }),
        ),
      );
      if (leaveWhen === undefined) return met;
      const peers = new ReplaySubject<readonly (Peer & ManifestPeer)[]>(1);
      met.pipe(takeUntil(leaveWhen)).subscribe(peers);
      return peers;
    });
}
