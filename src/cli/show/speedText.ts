import { formatBytes, formatDuration } from "../../command.js";
import { type DownloadState, percentHashed } from "../../index.js";

type Speed = Pick<DownloadState, "received" | "bytesPerSecond" | "secondsLeft">;

/** How fast it goes and how long it will take, as far as that is known: nothing before the first byte was counted. */
export function speedText({ received, bytesPerSecond, secondsLeft }: Speed): readonly string[] {
  if (received === 0 && bytesPerSecond === 0) return [];
  const speed = `${formatBytes(Math.round(bytesPerSecond))}/s`;
  return secondsLeft === undefined ? [speed] : [speed, `${timeText(Math.ceil(secondsLeft))} left`];
}

/** The time left is a guess: tenths of a second would promise too much. */
function timeText(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}

/** How much of the whole is hashed, while it is; empty before that is told. */
export function hashedText(state: Pick<DownloadState, "hashed">): string {
  const percent = percentHashed(state);
  return percent === undefined ? "" : `${percent} %`;
}
