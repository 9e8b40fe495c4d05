import { describeEvent, type DownloadState } from "../../index.js";
import { foldLine } from "./foldLine.js";
import type { Paint } from "./paint.js";
import { renderAccount } from "./renderAccount.js";
import { renderHeading } from "./renderHeading.js";
import { renderPeerRows } from "./renderPeerRows.js";
import { renderRecent } from "./renderRecent.js";
import { accountIndent } from "./rows.js";
import { plainStyle, type Style } from "./Style.js";

/** Rows that the table of the peers has, if there are any: its head, a peer, and how many more there are. */
const leastPeerRows = 3;

/**
 * The whole screen of a download: lines of at most so many columns, and at most so many of them while it runs. What it came to, at the end, is told
 * whole.
 */
export function renderView(
  state: DownloadState,
  columns: number,
  rows: number,
  { paint, text }: Style = plainStyle,
): readonly string[] {
  const heading = renderHeading(state, columns, paint);
  const below = state.outcome ? ending(state, columns, paint) : recent(state, columns, rows - heading.length, paint);
  const room = Math.max(leastPeerRows, rows - heading.length - below.length - 1);
  const peers = renderPeerRows(state, columns, room, paint);
  const blocks = [heading, peers, below].filter((block) => block.length > 0);
  const lines = blocks.flatMap((block, n) => (n === 0 ? block : ["", ...block]));
  return (state.outcome ? lines : lines.slice(0, rows)).map(text);
}

/** The last things that happened, in the rows that are left beside the fewest of the peers. */
function recent(state: DownloadState, columns: number, rows: number, paint: Paint): readonly string[] {
  const ofPeers = state.peers.length > 0 ? leastPeerRows + 1 : 0;
  return renderRecent(state, columns, rows - ofPeers - 1, paint);
}

function ending(state: DownloadState, columns: number, paint: Paint): readonly string[] {
  const { outcome } = state;
  if (outcome === undefined) return [];
  const account = renderAccount(state, columns).flatMap((line) => foldLine(line, columns, accountIndent));
  // Why a download failed is told below the view, on stderr.
  if (outcome.type === "download-failed") return [...renderRecent(state, columns, Infinity, paint), "", ...account];
  const role = outcome.type === "download-completed" ? "good" : "warning";
  return [...foldLine(describeEvent(outcome) ?? "", columns).map((line) => paint(role, line)), ...account];
}
