import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileSource } from "rx-tributary/node";
import { firstValueFrom, lastValueFrom } from "rxjs";
import { contentOf } from "../../test/e2e/lab/content.js";
import { metalinkOf } from "../../test/e2e/lab/metalinkOf.js";
import { type Served, ways } from "../crash/ways.js";
import { seeders } from "./seeders.js";
import { servers } from "./servers.js";
import { startSeeder } from "./startSeeder.js";
import { startServer } from "./startServer.js";
import type { Family } from "./tryFamily.js";

/** The file is slow enough that nobody has it before the hostile one was met, and quick enough to be waited for. */
const speed = 4_000_000;

export interface Families {
  readonly all: readonly Family[];
  readonly close: () => Promise<unknown>;
}

/** Hostile seeders beside a seeder, and hostile servers beside a mirror. */
export async function openFamilies(folder: string, bytes: Buffer): Promise<Families> {
  const original = join(folder, "original");
  await writeFile(original, bytes);
  const source = await firstValueFrom(fileSource(original));
  const { manifest } = source;
  await lastValueFrom(source.close(), { defaultValue: undefined });
  const content = contentOf(bytes);
  const serve = (name: string): Promise<Served> => {
    const way = ways.find((one) => one.name === name);
    if (way === undefined) throw new Error(`there is no way ${name}`);
    return way.serve({ content, original, folder, speed });
  };
  const [seeder, mirror] = await Promise.all([serve("seeder"), serve("mirror")]);
  const [link = "", url = ""] = [...seeder.words, ...mirror.words];
  const byMetalink = async (...urls: readonly string[]): Promise<readonly string[]> => {
    const name = createHash("sha1").update(urls.join()).digest("hex");
    const path = join(folder, `${name}.meta4`);
    await writeFile(path, metalinkOf(content, "file.bin", urls));
    return [path];
  };
  const all: readonly Family[] = [
    {
      name: "seeders",
      kinds: seeders.map((kind) => ({
        name: kind.name,
        start: (host) => startSeeder(kind, { manifest, bytes }, host),
      })),
      honest: { source: link, peer: link.slice(0, link.lastIndexOf("/")) },
      sources: (hostile, honest) => Promise.resolve([hostile, honest]),
    },
    {
      name: "servers",
      kinds: servers.map((kind) => ({ name: kind.name, start: (host) => startServer(kind, bytes, host) })),
      honest: { source: url, peer: url },
      sources: byMetalink,
    },
  ];
  return { all, close: () => Promise.all([seeder.close(), mirror.close()]) };
}
