import type { DownloadEvent } from "../../index.js";

const quietMs = 10_000;

/** Tells whether a peer's trouble was told a moment ago: one that stays dead is probed again and again. */
export function tellsOnceInAWhile(): (event: DownloadEvent) => boolean {
  const toldAt = new Map<string, number>();
  return (event) => {
    if (event.type !== "peer-blacklisted") return true;
    const key = `${event.peer} ${event.probing === true ? "probed" : "blacklisted"}`;
    const last = toldAt.get(key);
    if (last !== undefined && event.at - last < quietMs) return false;
    toldAt.set(key, event.at);
    return true;
  };
}
