import { isIceServer } from "../../command.js";
import type { DownloadFileOptions } from "../../node.js";
import { UsageError } from "../UsageError.js";

/** Flags of `get` by which it meets others over WebRTC. */
export interface RtcFlags {
  rtc?: boolean;
  iceServer?: readonly string[];
  seedToken?: string;
}

/**
 * How others are met over WebRTC.
 *
 * @throws UsageError for a flag that says how while `--rtc` is not there, and for a token, which those who come so bring to nobody.
 */
export function rtcOption({ rtc = false, iceServer, seedToken }: RtcFlags): DownloadFileOptions["rtc"] {
  if (!rtc && iceServer !== undefined) throw new UsageError("--ice-server says how to meet others; give --rtc, too");
  if (rtc && seedToken !== undefined) {
    throw new UsageError(
      "--seed-token is of no use with --rtc: whoever comes by WebRTC brings none; leave one of them out",
    );
  }
  const wrong = iceServer?.find((each) => !isIceServer(each));
  if (wrong !== undefined) {
    const shown = JSON.stringify(withoutSecret(wrong));
    throw new UsageError(`--ice-server is ${shown}; it must be stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT`);
  }
  return iceServer === undefined ? rtc : { iceServers: iceServer };
}

/** A server of `--ice-server` without the user and password that it may hold, however it is written. */
export function withoutSecret(server: string): string {
  return server.replace(/^((?:stun|turn)s?:)?.*@/is, "$1SECRET@");
}
