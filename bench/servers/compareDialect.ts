import { randomBytes } from "node:crypto";
import { rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Dialect, dialects } from "../../test/e2e/lab/dialects.js";
import { type Manners, ordinary } from "../../test/e2e/lab/Manners.js";
import { request } from "../../test/e2e/lab/request.js";
import { type Asked, looks, type Seen } from "./observe.js";

/** Manners that mean nothing where no range is read. */
const ofParts: readonly (keyof Seen)[] = [
  ...(["firstByte", "oneByte", "lastBytes", "severalRanges", "wholeRange", "acrossEnd", "total", "ifRange"] as const),
];
/** Some look at a file again after seconds. */
const glanceMs = 2500;

/** The lab's dialect that stands for a server. */
export function dialectOf(name: string): Dialect | undefined {
  return dialects.find(({ servers }) => servers.some((each) => each.startsWith(`${name} `)));
}

/** One of the manners as the dialect has it, and as the real server answered. */
export interface Difference {
  readonly what: keyof Manners;
  readonly expected: string;
  readonly answered: string;
}

/** In what a real server that serves `file.bin`, `empty.bin` and `packed.tar.gz` of a folder differs from manners. */
export async function compareDialect(
  manners: Partial<Manners>,
  asked: Asked,
  files: string,
): Promise<readonly Difference[]> {
  const all = { ...ordinary, ...manners };
  const differences: Difference[] = [];
  const compare = (what: keyof Manners, expected: unknown, answered: unknown): void => {
    if (String(expected) !== String(answered))
      differences.push({ what, expected: String(expected), answered: String(answered) });
  };
  for (const [what, look] of Object.entries(looks) as [keyof Seen, (asked: Asked) => Promise<unknown>][]) {
    if (all.range === "whole" && ofParts.includes(what)) continue;
    const answered = await look(asked).catch((error: unknown) => `no HTTP: ${String(error)}`);
    compare(what, all[what], answered);
  }
  compare("survives", all.survives, await survivorsOf(asked, files));
  return differences;
}

/** What of the validators stays when the file is replaced by another one of its size. */
async function survivorsOf({ origin, size }: Asked, files: string): Promise<Manners["survives"]> {
  const before = (await request(`${origin}/file.bin`)).headers;
  const path = join(files, "file.bin");
  await writeFile(`${path}.new`, randomBytes(size));
  // A date of this very second would be weak, or be told as now.
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await utimes(`${path}.new`, anHourAgo, anHourAgo);
  await rename(`${path}.new`, path);
  await setTimeout(glanceMs);
  const after = (await request(`${origin}/file.bin`)).headers;
  return [
    ...(before.etag !== undefined && before.etag === after.etag ? (["etag"] as const) : []),
    ...(before["last-modified"] !== undefined && before["last-modified"] === after["last-modified"]
      ? (["date"] as const)
      : []),
  ];
}
