import { describe, expect, it } from "vitest";
import type { FileEvent, ListEvent } from "../../src/node.js";
import { FileLabels } from "../../src/cli/show/FileLabels.js";
import { ListWatch } from "../../src/cli/show/ListWatch.js";
import { renderList } from "../../src/cli/show/renderList.js";

const of = (file: number, ...events: readonly FileEvent[]): readonly ListEvent[] =>
  events.map((event) => ({ type: "file-event", at: event.at, file, event }));

function running(file: number, name: string, done: number): readonly ListEvent[] {
  const manifest = { root: "ab", name, size: 1000, chunkSize: 10, chunkCount: 100, integrity: "chunks" } as const;
  const figures = { done, verified: done, received: done, bytesPerSecond: 100, secondsLeft: 7, retries: 0 };
  return of(
    file,
    { type: "download-started", at: 0, manifest, resumedChunks: 0, resumedBytes: 0 },
    { type: "progress", at: 0, ...figures },
  );
}

const total: ListEvent = {
  ...{ type: "total", at: 1000 },
  total: {
    ...{ bytesDone: 1600, bytesKnown: 4000, bytesPerSecond: 300, filesDone: 1, filesFailed: 1, filesStopped: 0 },
    ...{ filesRunning: 3, filesWaiting: 5, filesUnsized: 1 },
  },
};

const events: readonly ListEvent[] = [
  ...running(0, "a.iso", 500),
  ...running(1, "the-second-part-of-a-film-with-a-long-name.part02.mkv", 900),
  { type: "file-waiting", at: 0, file: 2, name: "c.bin" },
  ...of(2, { type: "resolving", at: 0, question: "mirror", peers: 2 }),
  ...of(1, { type: "retry-scheduled", at: 1, chunk: 5, retry: 2, maxRetries: 3, delayMs: 1000 }),
  total,
];

function viewOf(list: readonly ListEvent[]) {
  const watch = new ListWatch();
  for (const event of list) watch.take(event);
  return watch.view;
}

const page = (columns: number, rows = 20) => `\n${renderList(viewOf(events), columns, rows).join("\n")}\n`;

describe("renderList", () => {
  it("At 60 columns a list looks like this", () => {
    expect(page(60)).toMatchInlineSnapshot(`
      "
      a.iso         ██████░░░░░░░   50 %  100 B/s  7 s left
      the-s…02.mkv  ██████░   90 %  Retrying chunk 5 (attempt 2/3)
      c.bin         asking what the file is
      all files     ████░░░░░░░░░   34 %  300 B/s
      1 of 10 files, 1 failed, 3 running, 5 waiting, 1.60 kB of at
        least 4.00 kB
      "
    `);
  });

  it("At 80 columns a list looks like this", () => {
    expect(page(80)).toMatchInlineSnapshot(`
      "
      a.iso                   ███████████░░░░░░░░░░░░   50 %  100 B/s  7 s left
      the-second….part02.mkv  ███████████████░░   90 %  Retrying chunk 5 (attempt 2/3)
      c.bin                   asking what the file is
      all files               ███████░░░░░░░░░░░░░░░░   34 %  300 B/s
      1 of 10 files, 1 failed, 3 running, 5 waiting, 1.60 kB of at least 4.00 kB
      "
    `);
  });

  it("At 160 columns a list looks like this", () => {
    expect(page(160)).toMatchInlineSnapshot(`
      "
      a.iso                                     ████████████████████░░░░░░░░░░░░░░░░░░░░   50 %  100 B/s  7 s left
      the-second-part-of-…long-name.part02.mkv  ████████████████████████████████████░░░░   90 %  100 B/s  7 s left         Retrying chunk 5 (attempt 2/3)
      c.bin                                     asking what the file is
      all files                                 █████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░   34 %  300 B/s
      1 of 10 files, 1 failed, 3 running, 5 waiting, 1.60 kB of at least 4.00 kB
      "
    `);
  });

  it("When rows are few a list keeps the files at work, counts the rest, and keeps its total", () => {
    expect(page(80, 4)).toMatchInlineSnapshot(`
      "
      a.iso                   ███████████░░░░░░░░░░░░   50 %  100 B/s  7 s left
      + 2 more
      all files               ███████░░░░░░░░░░░░░░░░   34 %  300 B/s
      1 of 10 files, 1 failed, 3 running, 5 waiting, 1.60 kB of at least 4.00 kB
      "
    `);
    const many = Array.from({ length: 40 }, (_, file) => running(file, `f${file}`, 10)).flat();
    for (const rows of [1, 2, 3, 5, 20, 41])
      expect(renderList(viewOf([...many, total]), 80, rows).length).toBeLessThanOrEqual(rows);
  });

  it.each([20, 40, 60, 80, 200])("A list fits into %d columns", (columns) => {
    for (const line of renderList(viewOf(events), columns, 20)) expect(line.length, line).toBeLessThanOrEqual(columns);
  });

  it("A list whose sizes are all known counts bytes, in its bar and its sum, whether files wait or not", () => {
    const sized: ListEvent = { ...total, total: { ...total.total, filesUnsized: 0 } };
    const [, , , bar, ...counts] = renderList(viewOf([...events, sized]), 80, 20);
    expect(bar).toMatch(/^all files +█+░+ +40 % /);
    expect(counts).toEqual(["1 of 10 files, 1 failed, 3 running, 5 waiting, 1.60 kB of 4.00 kB"]);
  });

  it("A list that has ended is its total alone", () => {
    const end: ListEvent = { ...total, type: "list-ended", at: 3000, outcomes: [] };
    expect(renderList(viewOf([...events, end]), 160, 20)).toHaveLength(1);
  });
});

it("A file of a list is called by its name, before that by its address, before that by its number", () => {
  const labels = new FileLabels();
  expect(labels.of(1)).toBe("file 2");
  labels.take({ type: "file-waiting", at: 0, file: 1, source: "http://a/f" });
  expect(labels.of(1)).toBe("http://a/f");
  labels.take({ type: "file-waiting", at: 0, file: 1, source: "http://a/f", name: "f" });
  expect(labels.of(1)).toBe("f");
  for (const event of running(1, "f.1", 0)) labels.take(event);
  expect(labels.of(1)).toBe("f.1");
});
