import type { DownloadEvent } from "../../index.js";

const quietMs = 10_000;

/** Tells whether a trouble was told a moment ago: a dead peer is probed again and again, and so is a network that is gone. */
export function tellsOnceInAWhile(): (event: DownloadEvent) => boolean {
  const toldAt = new Map<string, number>();
  return (event) => {
    const key = keyOf(event);
    if (key === undefined) return true;
    const last = toldAt.get(key);
    if (last !== undefined && event.at - last < quietMs) return false;
    toldAt.set(key, event.at);
    return true;
  };
}

function keyOf(event: DownloadEvent): string | undefined {
  if (event.type === "peer-blacklisted") return `${event.peer} ${event.probing === true ? "probed" : "blacklisted"}`;
  return event.type === "waiting" && event.reason === "offline" ? event.reason : undefined;
}
