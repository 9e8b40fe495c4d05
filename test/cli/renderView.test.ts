import { describe, expect, it } from "vitest";
import { initialState, reduce, type DownloadEvent, type DownloadState } from "../../src/index.js";
import { coloured, paintFor, plain } from "../../src/cli/show/paint.js";
import { renderAccount } from "../../src/cli/show/renderAccount.js";
import { renderView } from "../../src/cli/show/renderView.js";

const account = {
  size: 100_000_000,
  done: 100_000_000,
  verified: 100_000_000,
  received: 61_000_000,
  resumed: 40_000_000,
  bytesByPeer: { "ws://127.0.0.2:9001": 1_000_000, "ws://127.0.0.3:9001": 60_000_000 },
  waste: { checksum: 262_144, duplicate: 0 },
  retries: { TIMEOUT: 2, CONNECTION_LOST: 1 },
  waits: { busy: 3 },
  continuations: 5,
  switches: 2,
  troubledChunks: 4,
  hedges: { dead: 3 },
  recoveredChunks: 4,
  integrity: "chunks" as const,
  checks: { chunks: "sha-256" as const },
  longestRecoveryMs: 3100,
  failedChunks: 1,
  resumes: 2,
  elapsedMs: 8100,
};

const begin: readonly DownloadEvent[] = [
  {
    type: "download-started",
    at: 0,
    manifest: {
      root: "ab",
      name: "film.mkv",
      size: 100_000_000,
      chunkSize: 262_144,
      chunkCount: 382,
      integrity: "chunks" as const,
    },
    resumedChunks: 0,
    resumedBytes: 0,
  },
  { type: "peer-joined", at: 0, peer: "ws://127.0.0.3:9001" },
  { type: "attempt-started", at: 0, chunk: 5, attempt: 0, leg: 0, peer: "ws://127.0.0.2:9001", offset: 0 },
  {
    type: "peer-blacklisted",
    at: 0,
    peer: "ws://127.0.0.3:9001",
    code: "TIMEOUT",
    failures: 3,
    untilMs: 300_000,
  },
  { type: "retry-scheduled", at: 0, chunk: 7, retry: 2, maxRetries: 3, delayMs: 2000 },
  { type: "peer-switched", at: 0, chunk: 7, from: "A", to: "B", reason: "TIMEOUT" },
  {
    type: "progress",
    at: 0,
    done: 47_500_000,
    verified: 47_500_000,
    received: 48_000_000,
    size: 100_000_000,
    bytesPerSecond: 12_300_000,
    secondsLeft: 4,
    retries: 3,
  },
];

const after = (...events: DownloadEvent[]): DownloadState => [...begin, ...events].reduce(reduce, initialState);
const bare = (text: string) => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");

describe("renderView", () => {
  it("renderView shows percent, speed, time left, chunks, a row a peer, and the last retries and switches", () => {
    expect(renderView(after(), 90).split("\n")).toEqual([
      "film.mkv  100 MB",
      "██████████████████░░░░░░░░░░░░░░░░░░░░░░  47 %  12.3 MB/s  4 s left",
      "47.5 MB of 100 MB · chunks 0/382 · 1 active · 1 retrying · retries 3",
      "",
      "peer            state                            asked      ok  failed    bytes",
      "127.0.0.3:9001  blacklisted 5 min 00 s TIMEOUT       0       0       0      0 B",
      "127.0.0.2:9001  serving                              1       0       0      0 B",
      "",
      "Peer ws://127.0.0.3:9001 is blacklisted for 5 min 00 s after 3 failures in a row (TIMEOUT)",
      "Retrying chunk 7 (attempt 2/3)",
      "Chunk 7: switched from A to B (TIMEOUT)",
    ]);
  });

  it("renderView says that it asks for the manifest while it knows nothing", () => {
    expect(renderView(initialState, 80)).toBe("Asking what the file is ...");
    const notice: DownloadEvent = { type: "notice", at: 0, message: "No manifest: A is gone" };
    expect(renderView(reduce(initialState, notice), 80)).toContain("No manifest: A is gone");
  });

  it("renderView says for how long it has been getting over failures", () => {
    const state = after(
      { type: "recovering", at: 1000, chunk: 7, peer: "ws://127.0.0.3:9001", code: "TIMEOUT" },
      { type: "notice", at: 4200, message: "meanwhile" },
    );
    expect(renderView(state, 90)).toContain(" 47 %  12.3 MB/s  4 s left  recovering 3.2 s");
    const { recovering, ...rest } = after({
      type: "recovered",
      at: 5000,
      chunks: 1,
      retries: 2,
      switches: 1,
      replacements: 0,
      elapsedMs: 4000,
    });
    expect(recovering).toBeUndefined();
    expect(renderView({ ...rest, recovering }, 90)).toContain("Recovered after 2 retries, 1 switch in 4.0 s: 1 chunk");
  });

  it("renderView says what it waits for, and how long", () => {
    const waiting = after({ type: "waiting", at: 1000, reason: "busy", untilMs: 4000 });
    expect(renderView(waiting, 80)).toContain("47 %  waiting 3.0 s (busy)");
    expect(renderView(after({ type: "waiting", at: 1000, reason: "no-peers" }), 80)).toContain("waiting (no-peers)");
  });

  it("renderView shows speed alone while the time left is not known", () => {
    const progress = { done: 0, verified: 0, received: 0, bytesPerSecond: 1000, retries: 0 };
    expect(renderView(after({ type: "progress", at: 9, ...progress }), 80)).toMatch(/% {2}1\.00 kB\/s$/m);
  });

  it("renderView shows no speed before there is one, and a long time left in minutes", () => {
    const [started] = begin;
    const before = [started].reduce((state, event) => (event ? reduce(state, event) : state), initialState);
    expect(renderView(before, 80).split("\n")[1]).toMatch(/░ {3}0 %$/);
    const progress = { done: 0, verified: 0, received: 1, bytesPerSecond: 1, secondsLeft: 75, retries: 0 };
    expect(renderView(after({ type: "progress", at: 9, ...progress }), 80)).toContain("1 B/s  1 min 15 s left");
  });

  it("renderView keeps the order of the peers to the end", () => {
    const order = (state: DownloadState) => renderView(state, 90).match(/^127\.0\.0\.\d/gm);
    const idle: DownloadEvent = { type: "peer-joined", at: 0, peer: "ws://127.0.0.1:9001" };
    const begun = [idle, ...begin].reduce(reduce, initialState);
    const over = reduce(begun, { type: "download-completed", at: 9000, account });
    expect(order(over)).toEqual(["127.0.0.1", "127.0.0.3", "127.0.0.2"]);
    expect(order(begun)).toEqual(order(over));
  });

  it("renderView ends with the outcome and the account, and keeps the peers", () => {
    const text = renderView(after({ type: "download-completed", at: 9000, account }), 90);
    expect(text).toContain("100 %  completed");
    expect(text).toContain("Done: 100 MB verified in 8.1 s");
    expect(text).toContain("recovered 4 chunks after a failure, the slowest in 3.1 s");
    expect(text).not.toContain("Retrying");
  });

  it("renderView leaves to stderr why it failed", () => {
    const failed = { code: "NO_PEERS", message: "nobody", failedChunks: [7], resumable: true } as const;
    const text = renderView(after({ type: "download-failed", at: 9000, account, ...failed }), 90);
    expect(text).toContain("failed");
    expect(text).toContain("1 given up for now");
    expect(text).not.toContain("nobody");
    expect(text).toContain("Retrying chunk 7 (attempt 2/3)");
  });

  it("renderView shows ten peers, those at work before others, and counts the rest", () => {
    const joins = Array.from({ length: 30 }, (_, n): DownloadEvent => ({ type: "peer-joined", at: 0, peer: `p${n}` }));
    const lines = renderView(after(...joins, { type: "peer-left", at: 0, peer: "p0" }), 90).split("\n");
    expect(lines[5]).toContain("127.0.0.3:9001");
    expect(lines[6]).toContain("127.0.0.2:9001");
    expect(lines).toContain("and 22 more");
    expect(lines.filter((line) => /^p\d/.test(line))).toHaveLength(8);
  });

  it("renderView cuts a long address in the middle, so that its port shows", () => {
    const state = after({ type: "peer-joined", at: 0, peer: `ws://${"a".repeat(40)}.example:9001` });
    expect(renderView(state, 60)).toMatch(/^aaaaaaa…le:9001 {2}ready/m);
  });

  it.each([20, 40, 60, 80, 200])("renderView fits into %d columns, in colour too", (width) => {
    const long = after(
      { type: "peer-joined", at: 0, peer: `wss://${"a".repeat(100)}.example:9001` },
      { type: "notice", at: 0, message: "long ".repeat(60) },
    );
    for (const state of [long, reduce(long, { type: "download-completed", at: 1, account })]) {
      for (const line of bare(renderView(state, width, coloured)).split("\n")) {
        expect(line.length, line).toBeLessThanOrEqual(width);
      }
    }
  });

  it("renderView lets no stranger write to the terminal", () => {
    const peer = "ws://a\u001b[2J\u0007:1";
    const text = renderView(
      after({ type: "peer-joined", at: 0, peer }, { type: "notice", at: 0, message: "\u001b]0;x" }),
      80,
    );
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u0007");
  });
});

describe("renderAccount", () => {
  it("renderAccount compares what was received with what was needed only at the end", () => {
    expect(renderAccount(after({ type: "download-paused", at: 9000, account }))[0]).toBe("  received  61.0 MB");
  });

  it("renderAccount tells where bytes, retries and waits went", () => {
    const state = after({ type: "download-completed", at: 9000, account });
    expect(renderAccount(state)).toEqual([
      "  received  61.0 MB, 1.017 x what was needed",
      "  from disk 40.0 MB",
      "  by peer   ws://127.0.0.3:9001 60.0 MB · ws://127.0.0.2:9001 1.00 MB",
      "  in vain   checksum 262 kB",
      "  retries   TIMEOUT 2 · CONNECTION_LOST 1",
      "  switches  2",
      "  helped    dead 3",
      "  continued 5 times from where a peer broke off",
      "  waits     busy 3",
      "  recovered 4 chunks after a failure, the slowest in 3.1 s",
      "  given up  1 chunk, after the last attempt of each",
      "  taken up  2 times",
    ]);
    expect(renderAccount(state, 40).slice(2, 4)).toEqual([
      "  by peer   ws://127.0.0.3:9001 60.0 MB",
      "            ws://127.0.0.2:9001 1.00 MB",
    ]);
  });

  it("renderAccount is silent about what did not happen, and before the end", () => {
    const nothing = { ...account, received: 0, resumed: 0, bytesByPeer: {}, waste: {}, retries: {}, waits: {} };
    const still = { continuations: 0, hedges: {}, switches: 0, recoveredChunks: 0, failedChunks: 0, resumes: 0 };
    expect(renderAccount(after({ type: "download-paused", at: 1, account: { ...nothing, ...still } }))).toEqual([]);
    expect(renderAccount(after())).toEqual([]);
  });
});

describe("paintFor", () => {
  it("paintFor paints unless asked not to", () => {
    expect(paintFor({})).toBe(coloured);
    expect(paintFor({ NO_COLOR: "1" })).toBe(plain);
    expect(paintFor({ TERM: "dumb" })).toBe(plain);
    expect(coloured("title", "x")).toContain("x");
  });

  it("paintFor keeps the addresses apart where the states have no room", () => {
    const lines = renderView(after(), 66).split("\n");
    expect(lines[5]).toBe("127.0.0.3:9001  blacklisted 5 mi…       0       0       0      0 B");
    expect(lines[6]).toBe("127.0.0.2:9001  serving                 1       0       0      0 B");
  });
});
