import { randomBytes } from "node:crypto";
import {
  statSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { lastValueFrom, tap } from "rxjs";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { downloadFile, makeManifest } from "../../../src/node.js";
import type { DownloadEvent } from "../../../src/index.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const chunkSize = 256 * 1024;
const bytes = randomBytes(12 * chunkSize);
const half = bytes.length / 2;

let dir: string;
let path: string;
let part: string;

beforeEach(async () => {
  dir = await tempFolder();
  path = join(dir, "film.mkv");
  part = `${path}.part`;
});

afterEach(cleanUp);

/** What a stranger does to the part in mid-download. */
const disturbances = {
  truncated: () => truncateSync(part, 1000),
  "scribbled on": scribble,
  "replaced by another file": () => {
    writeFileSync(`${part}.new`, "a stranger's");
    renameSync(`${part}.new`, part);
  },
  "replaced by a link": () => {
    writeFileSync(join(dir, "precious"), "precious");
    symlinkSync("precious", `${part}.new`);
    renameSync(`${part}.new`, part);
  },
} as const;
type Disturbance = keyof typeof disturbances;

function scribble(): void {
  const file = openSync(part, "r+");
  writeSync(file, Buffer.from("scribbled"), 0, 9, 10);
  closeSync(file);
}

/** A mirror that sends nothing of the second half until it may. */
interface Gated {
  readonly source: string;
  readonly mayGoOn: () => void;
}

async function gated(answerOf: (gate: Promise<void>) => RequestListener): Promise<Gated> {
  let mayGoOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (mayGoOn = resolve));
  const { url } = await serve(answerOf(gate), { path: "/film.mkv" });
  return { source: url, mayGoOn };
}

const inRanges = (gate: Promise<void>): RequestListener => {
  const answer = answerWith(bytes, { etag: '"1"' });
  return (request, response) => {
    const [, first = 0, last = 0] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []).map(Number);
    const isSample = last - first < 50_000;
    if (isSample || last < half) answer(request, response);
    else void gate.then(() => answer(request, response));
  };
};

const asOne = (gate: Promise<void>): RequestListener => {
  return (_request, response) => {
    response.writeHead(200).write(bytes.subarray(0, half));
    void gate.then(() => response.end(bytes.subarray(half)));
  };
};

async function withDigests(): Promise<Gated> {
  const mirror = await gated(inRanges);
  const film = join(await tempFolder(), "film.mkv");
  await writeFile(film, bytes);
  const { metalink } = await lastValueFrom(makeManifest(film, { urls: [mirror.source] }));
  await writeFile(`${film}.meta4`, metalink);
  return { ...mirror, source: `${film}.meta4` };
}
const withoutDigests = () => gated(inRanges);
const withoutSize = () => gated(asOne);

interface Told {
  readonly events: readonly DownloadEvent[];
  readonly error: unknown;
}

/** Downloads, and does something while half of the file is here and nothing comes. */
async function run({ source, mayGoOn }: Gated, disturb: () => void): Promise<Told> {
  const events: DownloadEvent[] = [];
  const watched = downloadFile(source, { dir, catalogue: false }).pipe(tap((event) => events.push(event)));
  const ended = lastValueFrom(watched).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await expect.poll(() => statSync(part, { throwIfNoEntry: false })?.size).toBe(half);
  disturb();
  // A stranger's write may fall into the moment of ours; one who goes on for a while is seen.
  if (disturb === scribble) {
    for (let times = 0; times < 20; times++) {
      await setTimeout(10);
      scribble();
    }
  }
  mayGoOn();
  return { events, error: await ended };
}

const notices = ({ events }: Told) => events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
const arrived = async () => bytes.equals(await readFile(path));

describe.each([
  ["digests", withDigests],
  ["no digests", withoutDigests],
])("a part of a file with %s", (kind, source) => {
  it.each(["truncated", "scribbled on"] as const)(
    "A part that is %s in mid-download is compared with what came, and mended in the same run",
    async (how) => {
      const told = await run(await source(), disturbances[how]);
      expect(told.error).toBeUndefined();
      expect(await arrived()).toBe(true);
      expect(await readdir(dir)).toEqual(["film.mkv"]);
      expect(notices(told)).toContainEqual(expect.stringContaining(`somebody else was at ${part}`));
      expect(notices(told)).toContainEqual(
        expect.stringMatching(
          /^(1 chunk is wrong on disk, and is|\d+ chunks are wrong on disk, and are) fetched again$/,
        ),
      );
      const { account } = told.events.at(-1) as Extract<DownloadEvent, { type: "download-completed" }>;
      const proved = kind === "digests" ? bytes.length : 0;
      expect(account).toMatchObject({ size: bytes.length, done: bytes.length, verified: proved });
      expect(account.received).toBe(bytes.length + Object.values(account.waste).reduce((sum, waste) => sum + waste, 0));
    },
  );
});

describe.each([
  ["digests", withDigests],
  ["no digests", withoutDigests],
  ["no size", withoutSize],
])("a part of a file with %s", (name, source) => {
  const all = Object.keys(disturbances) as Disturbance[];
  const refused = all.filter((how) => how.startsWith("replaced") || name === "no size");

  it.each(refused)(
    "A part that is %s in mid-download ends the download, resumable, and the next run believes nothing of it",
    async (how) => {
      const from = await source();
      const told = await run(from, disturbances[how]);
      expect(told.error).toMatchObject({ code: "LOCAL_IO", message: expect.stringContaining(part) as string });
      expect(told.events.at(-1)).toMatchObject({ type: "download-failed", code: "LOCAL_IO", resumable: true });
      expect(told.events.filter(({ type }) => type === "download-failed")).toHaveLength(1);
      expect(await readdir(dir)).not.toContain("film.mkv");
      if (how === "replaced by another file") {
        expect(await readFile(part, "utf8")).toBe("a stranger's");
        const again = await lastValueFrom(downloadFile(from.source, { dir, catalogue: false })).catch(
          (error: unknown) => error,
        );
        expect(again).toMatchObject({ code: "TARGET_EXISTS" });
        expect(await readFile(part, "utf8")).toBe("a stranger's");
        return;
      }
      if (how === "replaced by a link") {
        expect(await readFile(join(dir, "precious"), "utf8")).toBe("precious");
        return;
      }
      await lastValueFrom(downloadFile(from.source, { dir, catalogue: false }));
      expect(await arrived()).toBe(true);
      expect(await readdir(dir)).toEqual(["film.mkv"]);
    },
  );

  it("A part is not the file of a name that somebody else took in mid-download", async () => {
    const told = await run(await source(), () => writeFileSync(path, "mine"));
    expect(told.error).toMatchObject({ code: "TARGET_EXISTS" });
    expect(told.events.filter(({ type }) => type === "download-failed")).toHaveLength(1);
    expect(await readFile(path, "utf8")).toBe("mine");
  });

  it("A part is completed, and nothing is left unheard, when somebody wrote over its lock in mid-download", async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => void unheard.push(reason);
    process.on("unhandledRejection", hear);
    onTestFinished(() => void process.off("unhandledRejection", hear));
    const from = await source();
    const told = await run(from, () => writeFileSync(`${part}.lock`, "null"));
    expect(notices(told).filter((text) => text.includes("lock"))).toEqual([]);
    expect(told.error).toBeUndefined();
    expect(told.events.at(-1)).toMatchObject({ type: "download-completed" });
    expect(await arrived()).toBe(true);
    await setImmediate();
    expect(unheard).toEqual([]);
    expect(await readFile(`${part}.lock`, "utf8")).toBe("null");
  });
});
