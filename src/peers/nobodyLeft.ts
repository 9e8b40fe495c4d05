import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PeerState } from "./PeerState.js";

/** The error of a download that has nobody to ask: the cause that all peers were lost for, or `NO_PEERS`. */
export function nobodyLeft(peers: readonly PeerState[], waitedMs: number): DownloadError {
  if (peers.length === 0) return new DownloadError("NO_PEERS", `no peer appeared within ${waitedMs / 1000} s`);
  const reasons = peers.map(({ peer, standing }) => `${peer}: ${"code" in standing ? standing.code : "left"}`);
  const codes = new Set(peers.flatMap(({ standing }) => ("code" in standing ? [standing.code] : [])));
  const [code] = codes;
  const all = reasons.join(", ");
  if (code === undefined || codes.size > 1) return new DownloadError("NO_PEERS", `no peer is left (${all})`);
  return new DownloadError(common[code] ?? code, `all peers were lost for one reason (${all})`);
}

const common: Partial<Record<DownloadErrorCode, DownloadErrorCode>> = { FILE_NOT_FOUND: "FILE_NOT_FOUND_ANYWHERE" };
