import { asyncScheduler, catchError, defer, from, type Observable, switchMap, throwError } from "rxjs";
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

export interface RtcWays extends Pick<RtcPeersConfig, "dial" | "mayAsk" | "serve" | "paused"> {
  readonly engine: () => Promise<RtcPeersConfig["engine"]>;
  readonly tokens: RtcPeersConfig["tokens"] | undefined;
  /** Ends the serving. @default the end of the run */
  readonly leaveWhen: Observable<unknown> | undefined;
}

/** A source of peers by WebRTC, whose code is loaded at the subscription; `undefined` where it is not asked for. */
export function rtcSource(rtc: boolean | RtcOptions | undefined, ways: RtcWays): RtcSource | undefined {
  const iceServers = iceServersOf(rtc);
  if (iceServers === undefined) return undefined;
  const { engine, tokens = {}, leaveWhen, ...others } = ways;
  return (links, run) =>
    defer(() => import("../adapters/webrtc/rtcPeers.js")).pipe(
      catchError((thrown: unknown) => throwError(() => notLoaded("WebRTC", thrown))),
      switchMap(({ rtcPeers }) =>
        rtcPeers(links, {
          ...others,
          ...run,
          tokens,
          iceServers,
          engine: defer(() => from(engine())).pipe(switchMap((loaded) => loaded)),
          leaveWhen: leaveWhen ?? run.closeWhen,
          scheduler: asyncScheduler,
          random: defaultRandom,
        }),
      ),
    );
}
