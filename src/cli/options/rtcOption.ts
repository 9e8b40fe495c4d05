import { isIceServer } from "../../command.js";
import type { DownloadFileOptions } from "../../node.js";
import { wrongValue } from "../UsageError.js";
import { needs } from "./needs.js";
import type { OptionRow } from "./OptionRow.js";

/** Flags of `get` by which it meets others over WebRTC. */
export interface RtcFlags {
  rtc?: boolean;
  iceServer?: readonly string[];
}

export const rtcRows: readonly OptionRow[] = [
  {
    flags: "--rtc",
    description:
      "ask others, too, who download the same from the same seeders, over WebRTC, and with --seed serve them",
    idle: ({ seeders }) => (seeders ? undefined : "others are met at seeders, and there is none"),
  },
  {
    flags: "--ice-server <url>",
    description:
      "stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT, by which --rtc reaches others behind NAT; may be repeated (none)",
    read: anIceServer,
    repeats: true,
    needs: [needs("rtc", "--rtc", "says how to meet others")],
  },
];

/** How others are met over WebRTC. */
export function rtcOption({ rtc = false, iceServer }: RtcFlags): DownloadFileOptions["rtc"] {
  return iceServer === undefined ? rtc : { iceServers: iceServer };
}

function anIceServer(text: string, called: string): string {
  if (isIceServer(text)) return text;
  throw wrongValue(called, withoutSecret(text), "stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT");
}

/** A server of `--ice-server` without the user and password that it may hold, however it is written. */
export function withoutSecret(server: string): string {
  return server.replace(/^((?:stun|turn)s?:)?.*@/is, "$1SECRET@");
}
