import type { DownloadErrorCode } from "../errors/verdicts.js";

/** How a peer stands with the pool; each member carries only what belongs to it. Times are scheduler time, ms. */
export type Standing =
  | { readonly state: "healthy" }
  | { readonly state: "busy"; readonly untilMs: number; readonly code: DownloadErrorCode }
  | { readonly state: "blacklisted"; readonly untilMs: number; readonly code: DownloadErrorCode }
  /** Half-open: one leg decides. */
  | { readonly state: "probing"; readonly code: DownloadErrorCode }
  | { readonly state: "excluded" | "quarantined"; readonly code: DownloadErrorCode };

export const healthy: Standing = { state: "healthy" };
