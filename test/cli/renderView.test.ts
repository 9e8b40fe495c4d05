import { describe, expect, it } from "vitest";
import { initialState, reduce, type DownloadEvent, type DownloadState } from "../../src/index.js";
import { coloured, paintFor, plain } from "../../src/cli/show/paint.js";
import { renderAccount } from "../../src/cli/show/renderAccount.js";
import { asciiForm } from "../../src/cli/show/asciiForm.js";
import { renderView } from "../../src/cli/show/renderView.js";
import { plainStyle, styleFor, type Style } from "../../src/cli/show/Style.js";

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
  { type: "peer-joined", at: 0, peer: "ws://127.0.0.3:9001", source: "link" },
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
const inColour: Style = { paint: coloured, text: (line) => line };
const escape = String.fromCharCode(27);
const bare = (lines: readonly string[]) =>
  lines.map((line) => line.replaceAll(new RegExp(`${escape}\\[\\d+m`, "g"), ""));
/** Colours as a snapshot can show them. */
const spelt = (lines: readonly string[]) => lines.map((line) => line.replaceAll(escape, "ESC")).join("\n");
const shown = (state: DownloadState, columns: number, rows = 40) => renderView(state, columns, rows);
const page = (state: DownloadState, columns: number, rows = 40) => `\n${shown(state, columns, rows).join("\n")}\n`;
/** A download in which all happens that a strip can show. */
const busyEvents: readonly DownloadEvent[] = [
  ...begin.slice(0, -1),
  ...Array.from({ length: 170 }, (_, chunk): DownloadEvent => ({
    ...{ type: "chunk-verified", at: 2000, chunk, bytes: 262_144, attempts: 1, elapsedMs: 9 },
    peers: { "ws://127.0.0.2:9001": 262_144 },
  })),
  { type: "attempt-started", at: 2000, chunk: 190, attempt: 0, leg: 0, peer: "ws://127.0.0.2:9001", offset: 0 },
  {
    type: "retry-scheduled",
    at: 2500,
    chunk: 250,
    retry: 2,
    maxRetries: 3,
    delayMs: 2000,
    peer: "ws://127.0.0.3:9001",
  },
  { type: "chunk-failed", at: 3000, chunk: 300, code: "TIMEOUT", attempts: 4 },
  { type: "peer-quarantined", at: 3000, peer: "ws://127.0.0.4:9001", code: "CHECKSUM_MISMATCH" },
  {
    ...{
      type: "progress",
      at: 3250,
      done: 47_500_000,
      verified: 47_500_000,
      received: 48_000_000,
      size: 100_000_000,
    },
    ...{ bytesPerSecond: 12_300_000, secondsLeft: 4, retries: 3 },
    bytesPerSecondByPeer: { "ws://127.0.0.2:9001": 12_300_000 },
  },
];
const busy = (): DownloadState => busyEvents.reduce(reduce, initialState);

describe("renderView", () => {
  it("At 60 columns renderView looks like this", () => {
    expect(page(busy(), 60)).toMatchInlineSnapshot(`
      "
      film.mkv                           47 %  12.3 MB/s  4 s left
      ██████████████████████████▄··▒·········↻·······✗············
      █ 170/382 verified  ✗ 1 given up  ↻ 1 to retry
      47.5 MB of 100 MB · 3 retries

      peer           asked      rate    ok failed state
      127.0.0.3:9001     0               0      0 4 min 57 s TIME…
      127.0.0.2:9001     1 12.3 MB/s   170      0 serving
      127.0.0.4:9001     0               0      0 quarantined CHE…

       0:00  Peer 127.0.0.3:9001 is blacklisted for 5 min 00 s af…
       0:00  Retrying chunk 7 (attempt 2/3)
       0:00  Chunk 7: switched from A to B (TIMEOUT)
       0:02  Retrying chunk 250 (attempt 2/3)
       0:03  Chunk 300 gave up after 4 tries (TIMEOUT)
       0:03  Peer 127.0.0.4:9001 is not asked again: it cannot be…
      "
    `);
  });

  it("At 80 columns renderView looks like this", () => {
    expect(page(busy(), 80)).toMatchInlineSnapshot(`
      "
      film.mkv                                               47 %  12.3 MB/s  4 s left
      ███████████████████████████████████▄···▒············↻··········✗················
      █ 170/382 verified  ✗ 1 given up  ↻ 1 to retry  ▒ 1 under way
      47.5 MB of 100 MB · 3 retries

      peer            asked       rate     ok  failed  state
      127.0.0.3:9001      0                 0       0  blacklisted 4 min 57 s TIMEOUT
      127.0.0.2:9001      1  12.3 MB/s    170       0  serving
      127.0.0.4:9001      0                 0       0  quarantined CHECKSUM_MISMATCH

       0:00  Peer 127.0.0.3:9001 is blacklisted for 5 min 00 s after 3 failures in a …
       0:00  Retrying chunk 7 (attempt 2/3)
       0:00  Chunk 7: switched from A to B (TIMEOUT)
       0:02  Retrying chunk 250 (attempt 2/3)
       0:03  Chunk 300 gave up after 4 tries (TIMEOUT)
       0:03  Peer 127.0.0.4:9001 is not asked again: it cannot be trusted (CHECKSUM_M…
      "
    `);
  });

  it("At 160 columns renderView looks like this", () => {
    expect(page(busy(), 160)).toMatchInlineSnapshot(`
      "
      film.mkv                                                                                                                               47 %  12.3 MB/s  4 s left
      ███████████████████████████████████████████████████████████████████████▄·······▒·························↻····················✗·································
      █ 170/382 verified  ✗ 1 given up  ↻ 1 to retry  ▒ 1 under way
      47.5 MB of 100 MB · 3 retries

      peer            asked       rate     ok  failed    bytes  state
      127.0.0.3:9001      0                 0       0      0 B  blacklisted 4 min 57 s TIMEOUT
      127.0.0.2:9001      1  12.3 MB/s    170       0  44.6 MB  serving
      127.0.0.4:9001      0                 0       0      0 B  quarantined CHECKSUM_MISMATCH

       0:00  Peer 127.0.0.3:9001 is blacklisted for 5 min 00 s after 3 failures in a row (TIMEOUT)
       0:00  Retrying chunk 7 (attempt 2/3)
       0:00  Chunk 7: switched from A to B (TIMEOUT)
       0:02  Retrying chunk 250 (attempt 2/3)
       0:03  Chunk 300 gave up after 4 tries (TIMEOUT)
       0:03  Peer 127.0.0.4:9001 is not asked again: it cannot be trusted (CHECKSUM_MISMATCH)
      "
    `);
  });

  it("In colour renderView looks like this, with no column more or less", () => {
    const lines = renderView(busy(), 80, 40, inColour);
    expect(bare(lines)).toEqual(shown(busy(), 80));
    expect(`\n${spelt(lines)}\n`).toMatchInlineSnapshot(`
      "
      ESC[1mfilm.mkvESC[22m                                               47 %  12.3 MB/s  4 s left
      ESC[32m███████████████████████████████████ESC[39mESC[32m▄ESC[39mESC[2m···ESC[22mESC[36m▒ESC[39mESC[2m············ESC[22mESC[33m↻ESC[39mESC[2m··········ESC[22mESC[31m✗ESC[39mESC[2m················ESC[22m
      ESC[32m█ESC[39m 170/382 verified  ESC[31m✗ESC[39m 1 given up  ESC[33m↻ESC[39m 1 to retry  ESC[36m▒ESC[39m 1 under way
      47.5 MB of 100 MB · 3 retries

      ESC[2mpeer            asked       rate     ok  failed  stateESC[22m
      127.0.0.3:9001      0                 0       0  ESC[33mblacklisted 4 min 57 s TIMEOUTESC[39m
      127.0.0.2:9001      1  12.3 MB/s    170       0  ESC[32mservingESC[39m
      127.0.0.4:9001      0                 0       0  ESC[31mquarantined CHECKSUM_MISMATCHESC[39m

      ESC[2m 0:00ESC[22m  ESC[31mPeer 127.0.0.3:9001 is blacklisted for 5 min 00 s after 3 failures in a …ESC[39m
      ESC[2m 0:00ESC[22m  ESC[33mRetrying chunk 7 (attempt 2/3)ESC[39m
      ESC[2m 0:00ESC[22m  ESC[36mChunk 7: switched from A to B (TIMEOUT)ESC[39m
      ESC[2m 0:02ESC[22m  ESC[33mRetrying chunk 250 (attempt 2/3)ESC[39m
      ESC[2m 0:03ESC[22m  ESC[31mChunk 300 gave up after 4 tries (TIMEOUT)ESC[39m
      ESC[2m 0:03ESC[22m  ESC[31mPeer 127.0.0.4:9001 is not asked again: it cannot be trusted (CHECKSUM_M…ESC[39m
      "
    `);
  });

  it("Where the terminal knows ASCII alone renderView has a sign for each of its own, as wide", () => {
    const lines = renderView(busy(), 80, 40, { ...plainStyle, text: asciiForm });
    expect(lines.map(({ length }) => length)).toEqual(shown(busy(), 80).map(({ length }) => length));
    expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
    expect(`\n${lines.slice(1, 3).join("\n")}\n`).toMatchInlineSnapshot(`
      "
      ###################################-...>............r..........x................
      # 170/382 verified  x 1 given up  r 1 to retry  > 1 under way
      "
    `);
  });

  it("When rows are few renderView keeps the peers at work, then those in trouble, then the last words, and counts the rest", () => {
    const joins = Array.from({ length: 30 }, (_, n): DownloadEvent => ({
      type: "peer-joined",
      at: 0,
      peer: `p${n}`,
      source: "link",
    }));
    const state = joins.reduce(reduce, busy());
    expect(page(state, 80, 14)).toMatchInlineSnapshot(`
      "
      film.mkv                                               47 %  12.3 MB/s  4 s left
      ███████████████████████████████████▄···▒············↻··········✗················
      █ 170/382 verified  ✗ 1 given up  ↻ 1 to retry  ▒ 1 under way
      47.5 MB of 100 MB · 3 retries

      peer            asked       rate     ok  failed  state
      127.0.0.3:9001      0                 0       0  blacklisted 4 min 57 s TIMEOUT
      127.0.0.2:9001      1  12.3 MB/s    170       0  serving
      + 31 more

       0:00  Retrying chunk 7 (attempt 2/3)
       0:00  Chunk 7: switched from A to B (TIMEOUT)
       0:02  Retrying chunk 250 (attempt 2/3)
       0:03  Chunk 300 gave up after 4 tries (TIMEOUT)
      "
    `);
    for (const rows of [1, 3, 5, 8, 10, 14, 23, 50]) expect(shown(state, 80, rows).length).toBeLessThanOrEqual(rows);
  });

  it("renderView says that it asks for the manifest while it knows nothing", () => {
    expect(shown(initialState, 80)).toEqual(["Asking what the file is ..."]);
    const notice: DownloadEvent = { type: "notice", at: 0, message: "No manifest: A is gone" };
    expect(shown(reduce(initialState, notice), 80).join("\n")).toContain("No manifest: A is gone");
  });

  it("renderView says for how long it has been getting over failures", () => {
    const state = after(
      { type: "recovering", at: 1000, chunk: 7, peer: "ws://127.0.0.3:9001", code: "TIMEOUT" },
      { type: "notice", at: 4200, message: "meanwhile" },
    );
    expect(shown(state, 90)).toContain("47.5 MB of 100 MB · 3 retries · recovering 3.2 s (TIMEOUT)");
    const over = reduce(state, {
      ...{ type: "recovered", at: 5000, chunks: 1, retries: 2, switches: 1, replacements: 0, elapsedMs: 4000 },
    });
    expect(shown(over, 90)).toContain("47.5 MB of 100 MB · 3 retries");
    expect(shown(over, 90).at(-1)).toBe(" 0:05  Recovered after 2 retries, 1 switch in 4.0 s: 1 chunk");
  });

  it("renderView says what it waits for, and how long", () => {
    const waiting = after({ type: "waiting", at: 1000, reason: "busy", untilMs: 4000 });
    expect(shown(waiting, 80)[3]).toBe("47.5 MB of 100 MB · 3 retries · waiting 3.0 s (busy)");
    expect(shown(after({ type: "waiting", at: 1000, reason: "no-peers" }), 80)[3]).toContain("waiting (no-peers)");
  });

  it("renderView shows no speed before there is one, and a long time left in minutes", () => {
    const [started] = begin;
    const before = [started].reduce((state, event) => (event ? reduce(state, event) : state), initialState);
    expect(shown(before, 40)[0]).toBe(`film.mkv${" ".repeat(29)}0 %`);
    const progress = { done: 0, verified: 0, received: 1, bytesPerSecond: 1, secondsLeft: 75, retries: 0 };
    expect(shown(after({ type: "progress", at: 9, ...progress }), 80)[0]).toMatch(/ 1 B\/s {2}1 min 15 s left$/);
  });

  it("renderView shows as here, and not as verified, what no digest proves", () => {
    const facts = {
      root: "ab",
      name: "film.mkv",
      size: 100,
      chunkSize: 10,
      chunkCount: 10,
      integrity: "none",
    } as const;
    const state = [
      { type: "download-started", at: 0, manifest: facts, resumedChunks: 5, resumedBytes: 50, resumedRanges: [[0, 5]] },
    ].reduce((all, event) => reduce(all, event as DownloadEvent), initialState);
    expect(shown(state, 20).slice(1, 3)).toEqual(["▓▓▓▓▓▓▓▓▓▓··········", "▓ 5/10 here"]);
  });

  it("renderView keeps the order of the peers to the end", () => {
    const order = (state: DownloadState) =>
      shown(state, 90)
        .join("\n")
        .match(/^127\.0\.0\.\d/gm);
    const idle: DownloadEvent = { type: "peer-joined", at: 0, peer: "ws://127.0.0.1:9001", source: "link" };
    const begun = [idle, ...begin].reduce(reduce, initialState);
    const over = reduce(begun, { type: "download-completed", at: 9000, account });
    expect(order(over)).toEqual(["127.0.0.1", "127.0.0.3", "127.0.0.2"]);
    expect(order(begun)).toEqual(order(over));
  });

  it("renderView ends with the outcome and the whole account, however few rows there are, and keeps the peers", () => {
    const lines = shown(after({ type: "download-completed", at: 9000, account }), 90, 8);
    expect(lines[0]).toMatch(/100 % {2}completed$/);
    expect(lines).toContain("Done: 100 MB verified in 8.1 s (7.53 MB/s)");
    expect(lines).toContain("  recovered 4 chunks after a failure, the slowest in 3.1 s");
    expect(lines.at(-1)).toBe("  taken up  2 times");
    expect(lines.join("\n")).not.toContain("Retrying");
  });

  it("renderView leaves to stderr why it failed", () => {
    const failed = { code: "NO_PEERS", message: "nobody", failedChunks: [7], resumable: true } as const;
    const text = shown(after({ type: "download-failed", at: 9000, account, ...failed }), 90).join("\n");
    expect(text).toContain("failed");
    expect(text).toContain("✗ 1 given up");
    expect(text).not.toContain("nobody");
    expect(text).toContain("Retrying chunk 7 (attempt 2/3)");
  });

  it("renderView cuts a long address in the middle, so that its port shows", () => {
    const state = after({ type: "peer-joined", at: 0, peer: `ws://${"a".repeat(40)}.example:9001`, source: "link" });
    expect(shown(state, 60).join("\n")).toMatch(/^a{6,9}…\w*le:9001 .* ready$/m);
  });

  it.each([20, 40, 60, 80, 200])("renderView fits into %d columns, in colour too", (width) => {
    const long = after(
      { type: "peer-joined", at: 0, peer: `wss://${"a".repeat(100)}.example:9001`, source: "link" },
      { type: "notice", at: 0, message: "long ".repeat(60) },
      { type: "recovering", at: 1000, chunk: 7, peer: "ws://127.0.0.3:9001", code: "TIMEOUT" },
    );
    for (const state of [long, busy(), reduce(long, { type: "download-completed", at: 1, account })]) {
      for (const line of bare(renderView(state, width, 40, inColour))) {
        expect(line.length, line).toBeLessThanOrEqual(width);
      }
    }
  });

  it("renderView tells how much of a whole is hashed, of a file that is here before its start, and of one that came", () => {
    const hashing: DownloadEvent = { type: "hashing", at: 1, hashed: 470_000_000, size: 1_000_000_000 };
    expect(shown(reduce(initialState, hashing), 60)).toEqual(["Checking the file that is here: 47 % of 1.00 GB"]);
    const checking = after({ type: "checking", at: 1, hash: "sha-256" });
    expect(shown(checking, 60)[0]).toMatch(/^film\.mkv .* % {2}checking$/);
    expect(shown(reduce(checking, hashing), 60)[0]).toMatch(/^film\.mkv .* % {2}checking 47 %$/);
  });

  it("renderView counts two columns for a letter that takes two", () => {
    const manifest = { root: "ab", name: "映画の".repeat(30), size: 100, chunkSize: 10, chunkCount: 10 };
    const event = { type: "download-started", at: 0, resumedChunks: 0, resumedBytes: 0 } as const;
    const state = reduce(initialState, { ...event, manifest: { ...manifest, integrity: "chunks" } });
    expect(shown(state, 30)[0]).toBe("映画の映画の…映画の映画の  0 %");
  });

  it("renderView lets no stranger write to the terminal", () => {
    const peer = "ws://a\u001b[2J\u0007:1";
    const events: DownloadEvent[] = [
      { type: "peer-joined", at: 0, peer, source: "link" },
      { type: "notice", at: 0, message: "\u001b]0;x" },
    ];
    const text = shown(after(...events), 80).join("\n");
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
      "  given up  1 chunk, after the last try of each",
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

describe("styleFor", () => {
  it("styleFor paints unless asked not to", () => {
    expect(paintFor({})).toBe(coloured);
    expect(paintFor({ NO_COLOR: "1" })).toBe(plain);
    expect(paintFor({ TERM: "dumb" })).toBe(plain);
    expect(coloured("title", "x")).toBe(`${escape}[1mx${escape}[22m`);
  });

  it.each([
    [{ LANG: "en_US.UTF-8" }, "█"],
    [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, "#"],
    [{ LC_ALL: "", LC_CTYPE: "C.utf8", LANG: "C" }, "█"],
    [{}, "#"],
  ])("styleFor takes the characters of the terminal from %j: %s", (env, sign) => {
    expect(styleFor(env, "linux").text("█")).toBe(sign);
    expect(styleFor(env, "win32").text("█")).toBe("█");
  });
});
