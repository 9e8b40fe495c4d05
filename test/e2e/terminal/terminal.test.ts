import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { breaksOnceAt } from "../lab/faults/bodies.js";
import { rate, stalls } from "../lab/faults/pace.js";
import { busy } from "../lab/faults/statuses.js";
import { it, type Lab } from "../lab/harness.js";
import { describeTerminal } from "./describeTerminal.js";
import { betweenStopAndGo, prompt, TerminalProcess } from "./TerminalProcess.js";

const MB = 1_000_000;
const rows = 40;

/** Slow mirrors of a file, one of which breaks, one falls silent, and one is busy. */
async function mirrors(lab: Lab): Promise<readonly string[]> {
  await lab.file(3 * MB);
  await lab.serve(rate(MB / 4));
  await lab.serve(rate(MB / 4), breaksOnceAt(MB));
  await lab.serve(rate(MB / 2), stalls({ afterBytes: MB / 2 }));
  await lab.serve(busy(503, 1));
  return lab.servers.map(({ url }) => url);
}

/** Three files of a list, the last of which nobody has. */
async function list(lab: Lab): Promise<readonly string[]> {
  const [a = "", b = ""] = await mirrors(lab);
  const lines = [
    `${a}\t${b}`,
    "  out=a-film-with-a-name-that-is-longer-than-most-rows-have-room-for.mkv",
    b,
    "  out=notes.pdf",
  ];
  const gone = await lab.serve(() => () => ({
    status: 404,
    headers: { "content-length": "0" },
    body: [],
    position: 0,
  }));
  await writeFile(join(lab.folder, "list"), [...lines, gone.url, ""].join("\n"));
  return ["get", "-i", "list", "-d", "films", "--no-catalogue"];
}

/** The frame of a download or list, as it stands below the prompt: each of its parts once, none of an earlier frame. */
function expectWhole({ screen }: TerminalProcess, parts: readonly RegExp[]): void {
  const [first, ...below] = screen.rows;
  expect(first).toBe(prompt);
  const found = parts.map((part) => below.filter((row) => part.test(row)).length);
  expect({ found, screen: screen.rows }).toEqual({ found: parts.map(() => 1), screen: screen.rows });
  expect({ folded: screen.folded, cursor: screen.isCursorShown, folds: screen.isFolding }).toEqual({
    ...{ folded: [], cursor: true, folds: true },
  });
}

const running = [/^copy .* \d+ %/, /under way|here$/, / of 3\.00 MB/, /^peer +asked/];
const done = [/^copy .*100 %/, /here$/, /^3\.00 MB of 3\.00 MB/, /^peer +ok/, /^Done: 3\.00 MB/, /^ {2}received/];

describeTerminal("a terminal", () => {
  it.for([60, 80, 160])(
    "In %d columns a download is one frame below the prompt, and stays as its end",
    async (columns, { lab }) => {
      const get = new TerminalProcess(lab.folder, ["get", ...(await mirrors(lab)), "-o", "copy"], { columns, rows });
      await get.until("bytes are there", ({ seen }) => /^copy .* [1-9]\d? %/m.test(seen));
      expectWhole(get, running);
      expect(await get.exit).toBe(0);
      expectWhole(get, done);
      expect(await lab.isRight()).toBe(true);
    },
  );

  it.for([60, 80, 160])(
    "In %d columns a list is a row a file and one for all, and stays as its ends",
    async (columns, { lab }) => {
      const get = new TerminalProcess(lab.folder, await list(lab), { columns, rows });
      await get.until("both run", ({ seen }) => /^a-f.* [1-9]\d? %[^]*^notes\.pdf .* [1-9]\d? %/m.test(seen));
      expectWhole(get, [/^a-f.*mkv/, /^notes\.pdf/, /^all files/, /^0 of 3 files/]);
      expect(await get.exit).toBe(5);
      const [first, ...below] = get.screen.rows;
      expect(first).toBe(prompt);
      const text = below.join(" ").replaceAll(/\s+/g, " ");
      expect(text).toContain("notes.pdf: Done: 3.00 MB");
      expect(text).toMatch(/2 of 3 files, 1 failed, 6\.00 MB in .* tributary: http\S+ answered with HTT/);
      expect(text).not.toMatch(/all files|running|…/);
    },
  );

  it("A terminal that is made narrower, wider and lower while a download runs shows one frame at a time", async ({
    lab,
  }) => {
    const get = new TerminalProcess(lab.folder, ["get", ...(await mirrors(lab)), "-o", "copy"], { columns: 160, rows });
    await get.until("bytes are there", ({ seen }) => /^copy .* [1-9]\d? %/m.test(seen));
    for (const size of [
      { columns: 60, rows },
      { columns: 100, rows },
      { columns: 40, rows },
      { columns: 80, rows: 24 },
    ]) {
      await get.resize(size);
      const isFull = (row: string): boolean => row.length === size.columns - 1;
      await get.until("it is drawn anew", ({ screen }) =>
        screen.rows.some((row) => /^[▓▒·▄↻]+$/.test(row) && isFull(row)),
      );
      expectWhole(get, running);
    }
    expect(await get.exit).toBe(0);
    expectWhole(get, done);
  });

  it("Ctrl-C leaves the last frame, how to go on, and a terminal as it was", async ({ lab }) => {
    const get = new TerminalProcess(lab.folder, ["get", ...(await mirrors(lab)), "-o", "copy"], { columns: 80, rows });
    await get.until("bytes are there", ({ seen }) => /^copy .* [1-9]\d? %/m.test(seen));
    get.type("\u0003");
    expect(await get.exit).toBe(130);
    const { screen } = get;
    expect(screen.rows[0]).toBe(prompt);
    expect(screen.rows.filter((row) => row.startsWith("copy "))).toHaveLength(1);
    expect(get.seen).toMatch(/^Paused at .* progress is saved$[^]*^tributary: paused and saved; to go on: node /m);
    expect(get.seen).not.toContain("^C");
    expect([screen.isCursorShown, screen.isFolding]).toEqual([true, true]);
  });

  it("A download that Ctrl-Z stops goes on in a frame of its own, below all that was written meanwhile", async ({
    lab,
  }) => {
    const words = ["get", ...(await mirrors(lab)), "-o", "copy"];
    const get = new TerminalProcess(lab.folder, words, { columns: 80, rows }, { hasJobs: true });
    await get.until("bytes are there", ({ seen }) => /^copy .* [1-9]\d? %/m.test(seen));
    get.type("\u001A");
    const [, , fg = ""] = betweenStopAndGo;
    const frames = ({ screen }: TerminalProcess): number => screen.rows.filter((row) => row.startsWith("copy ")).length;
    await get.until("it goes on", (terminal) => terminal.seen.includes(fg) && frames(terminal) === 2);
    expect(await get.exit).toBe(0);
    const { screen } = get;
    const at = screen.rows.indexOf(fg);
    expect(screen.rows.slice(at - 2, at + 1)).toEqual(betweenStopAndGo);
    const before = screen.rows.slice(0, at - 2);
    expect(before[0]).toBe(prompt);
    expect(before.filter((row) => /^(copy .* \d?\d %|peer +asked)/.test(row))).toHaveLength(2);
    const found = done.map((part) => screen.rows.slice(at + 1).filter((row) => part.test(row)).length);
    expect(found).toEqual(done.map(() => 1));
    expect([screen.isCursorShown, screen.isFolding]).toEqual([true, true]);
  });

  it("A kill in mid-download leaves the cursor and the folding of lines as they were", async ({ lab }) => {
    const get = new TerminalProcess(lab.folder, ["get", ...(await mirrors(lab)), "-o", "copy"], { columns: 80, rows });
    await get.until("bytes are there", ({ seen }) => /^copy .* [1-9]\d? %/m.test(seen));
    await get.signal("SIGKILL");
    expect(await get.exit).toBe(137);
    expect([get.screen.isCursorShown, get.screen.isFolding]).toEqual([true, true]);
  });

  it("With NO_COLOR a view has no colours, and else it has some", async ({ lab }) => {
    const sources = await mirrors(lab);
    const written = async (out: string, env: NodeJS.ProcessEnv) => {
      const get = new TerminalProcess(lab.folder, ["get", ...sources, "-o", out], { columns: 80, rows }, { env });
      expect(await get.exit).toBe(0);
      expect(get.seen).toContain("Done: 3.00 MB");
      return get.written;
    };
    const colour = new RegExp(String.raw`${String.fromCharCode(27)}\[\d+m`);
    expect(await written("plain", { NO_COLOR: "1" })).not.toMatch(colour);
    expect(await written("coloured", {})).toMatch(colour);
  });

  it("A terminal that cannot draw a line anew gets lines, without a control sequence", async ({ lab }) => {
    const get = new TerminalProcess(
      lab.folder,
      ["get", ...(await mirrors(lab)), "-o", "copy"],
      { columns: 80, rows },
      { env: { TERM: "dumb" } },
    );
    expect(await get.exit).toBe(0);
    const [, text = ""] = get.written.split(`${prompt}\r\n`);
    expect(text).toMatch(/^Downloading copy: 3\.00 MB in 12 chunks\r$/m);
    expect(text).not.toContain("\u001B");
  });
});
