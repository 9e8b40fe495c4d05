import type { OptionShape } from "../../../operators/checkOptions.js";
import { iceServersShape } from "./iceServers.js";

/** How others are reached by WebRTC. */
export interface RtcOptions {
  /**
   * Servers by which ends learn at which addresses they can be reached: `stun:HOST:PORT`, and `turn:USER:PASSWORD@HOST:PORT`, which passes on what comes. Each
   * of them learns this machine's address.
   *
   * @default none: ends of one network, and those that one of both can reach
   */
  readonly iceServers?: readonly string[] | undefined;
}

/** The shape of the option `rtc`. */
export const rtcShape: OptionShape = {
  must: `true, false or { iceServers: ${iceServersShape.must} }`,
  fits: (value) => typeof value === "boolean" || isRtcOptions(value),
  isSecret: true,
};

function isRtcOptions(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { iceServers = [], ...others } = value as RtcOptions;
  return Object.keys(others).length === 0 && iceServersShape.fits(iceServers);
}

/** The servers that are to be used; `undefined` without WebRTC. */
export function iceServersOf(rtc: boolean | RtcOptions | undefined): readonly string[] | undefined {
  if (rtc === undefined || rtc === false) return undefined;
  return rtc === true ? [] : (rtc.iceServers ?? []);
}
