import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSeeder, fileSource, serveWebSocket } from "rx-tributary/node";
import { firstValueFrom, lastValueFrom } from "rxjs";
import type { Content } from "../../test/e2e/lab/content.js";
import { digestOf } from "../../test/e2e/lab/content.js";
import type { Fault } from "../../test/e2e/lab/Exchange.js";
import { FaultServer } from "../../test/e2e/lab/FaultServer.js";
import { chunked } from "../../test/e2e/lab/faults/framing.js";
import { ignoresRange } from "../../test/e2e/lab/faults/ranges.js";
import { metalinkOf } from "../../test/e2e/lab/metalinkOf.js";
import { serve } from "../../test/e2e/lab/serve.js";
import { Changes } from "../../test/e2e/peers/Changes.js";
import { lineOf } from "./lineOf.js";

/** What a download is killed at. */
export interface Stage {
  readonly content: Content;
  /** The content as a file. */
  readonly original: string;
  /** For files that are made for this run. */
  readonly folder: string;
  /** Bytes a second of all servers together. */
  readonly speed: number;
}

/** Servers of one run, and what `tributary get` is told of them. */
export interface Served {
  readonly words: readonly string[];
  /** Bytes that they have served so far. */
  bytes(): number;
  /** Resolves when nobody is connected, so that all is counted. */
  left(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A way to get a file. */
export interface Way {
  readonly name: string;
  /** False where nobody could go on: no size, no ranges. @default true */
  readonly resumes?: boolean;
  readonly serve: (stage: Stage) => Promise<Served>;
}

const facts = { etag: '"v1"', lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" };

export const ways: readonly Way[] = [
  { name: "seeder", serve: seeder },
  { name: "metalink", serve: (stage) => byMetalink(stage) },
  { name: "mirrors", serve: (stage) => mirrors(stage, 2) },
  { name: "mirror", serve: (stage) => mirrors(stage, 1) },
  {
    name: "checksum",
    serve: async (stage) => withWords(await mirrors(stage, 1), "--checksum", `sha-256=${digestOf(stage.content)}`),
  },
  { name: "unsized", resumes: false, serve: (stage) => mirrors(stage, 1, chunked(), ignoresRange()) },
  { name: "mixed", serve: async (stage) => both(await seeder(halved(stage)), await mirrors(halved(stage), 1)) },
];

function withWords(served: Served, ...words: readonly string[]): Served {
  return { ...served, words: [...served.words, ...words] };
}

const halved = (stage: Stage): Stage => ({ ...stage, speed: stage.speed / 2 });

function both(one: Served, other: Served): Served {
  return {
    words: [...one.words, ...other.words],
    bytes: () => one.bytes() + other.bytes(),
    left: () => Promise.all([one.left(), other.left()]),
    close: () => Promise.all([one.close(), other.close()]),
  };
}

async function mirrors({ content, speed }: Stage, count: number, ...faults: readonly Fault[]): Promise<Served> {
  const handler = serve(content, facts, ...faults, lineOf(speed));
  const servers = await Promise.all(Array.from({ length: count }, () => FaultServer.start(handler)));
  return {
    words: servers.map(({ url }) => url),
    bytes: () => servers.reduce((sum, { served }) => sum + served, 0),
    left: () => Promise.all(servers.map((server) => server.until("the client has left", ({ open }) => open === 0))),
    close: () => Promise.all(servers.map((server) => server.close())),
  };
}

async function byMetalink(stage: Stage): Promise<Served> {
  const served = await mirrors(stage, 2);
  const path = join(stage.folder, "file.meta4");
  await writeFile(path, metalinkOf(stage.content, "file.bin", served.words));
  return { ...served, words: [path] };
}

async function seeder({ original, speed }: Stage): Promise<Served> {
  const changes = new Changes();
  let link = "";
  let bytes = 0;
  let connections = 0;
  const source = await firstValueFrom(fileSource(original));
  const { root } = source.manifest;
  const served = createSeeder(new Map([[root, source]]), { limitRateBytesPerSecond: speed });
  const running = serveWebSocket(served).subscribe((event) => {
    if (event.type === "listening") link = `${event.url}/${root}`;
    else if (event.type === "chunk-served") bytes += event.bytes;
    else if (event.type === "connection-opened") connections += 1;
    else if (event.type === "connection-closed") connections -= 1;
    changes.changed();
  });
  await changes.until("the seeder listens", () => link !== "");
  return {
    words: [link],
    bytes: () => bytes,
    left: () => changes.until("the client has left", () => connections === 0),
    close: async () => {
      running.unsubscribe();
      await lastValueFrom(source.close(), { defaultValue: undefined });
    },
  };
}
