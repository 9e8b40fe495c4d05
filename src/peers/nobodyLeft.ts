import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PeerState } from "./PeerState.js";
import type { Standing } from "./Standing.js";

/** The error of a download that has nobody to ask: the cause that all peers were lost for, or `NO_PEERS`. */
export function nobodyLeft(peers: readonly PeerState[], waitedMs: number): DownloadError {
  if (peers.length === 0) return new DownloadError("NO_PEERS", `no peer appeared within ${waitedMs / 1000} s`);
  const lost = peers.map(({ peer, standing }) => ({ peer, code: causeOf(standing) }));
  const reasons = lost.map(({ peer, code }) => `${peer}: ${code ?? "left"}`);
  const [code, ...others] = new Set(lost.map((each) => each.code));
  const all = reasons.join(", ");
  if (code === undefined || others.length > 0) return new DownloadError("NO_PEERS", `no peer is left (${all})`);
  return new DownloadError(common[code] ?? code, `all peers were lost for one reason (${all})`);
}

/** What it was lost for; whoever was only waited for, and left, was not. */
function causeOf(standing: Standing): DownloadErrorCode | undefined {
  return standing.state === "excluded" || standing.state === "quarantined" ? standing.code : undefined;
}

const common: Partial<Record<DownloadErrorCode, DownloadErrorCode>> = { FILE_NOT_FOUND: "FILE_NOT_FOUND_ANYWHERE" };
