import type { Role } from "./paint.js";

/** State of chunks as a cell of the strip shows it. */
export type ChunkMark = "failed" | "retrying" | "active" | "verified" | "here" | "partly" | "none";

/** Each state's sign, which tells it apart without colours, and its role. */
export const chunkMarks: Readonly<Record<ChunkMark, { readonly sign: string; readonly role: Role }>> = {
  failed: { sign: "✗", role: "bad" },
  retrying: { sign: "↻", role: "warning" },
  active: { sign: "▒", role: "active" },
  verified: { sign: "█", role: "good" },
  here: { sign: "▓", role: "kept" },
  partly: { sign: "▄", role: "good" },
  none: { sign: "·", role: "faint" },
};
