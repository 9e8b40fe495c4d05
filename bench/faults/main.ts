/** `npm run bench:faults`: what a fault in mid-file costs, on real sockets, beside the same download without it. */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DownloadEvent } from "rx-tributary";
import { downloadFile } from "rx-tributary/node";
import { lastValueFrom, tap } from "rxjs";
import type { SeederOrder } from "../../examples/demo/seeder.js";
import { benchCommand } from "../benchCommand.js";
import type { LinkOrder } from "./Link.js";
import { openLink } from "./Link.js";

benchCommand(
  "bench:faults",
  "what a fault in mid-file costs, on real sockets, beside the same download without it",
).parse();

const MB = 1_000_000;
const size = 8 * 1024 * 1024;
const speed = 6 * MB;
const program = fileURLToPath(new URL("../../examples/demo/seeder.ts", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tributary-faults-"));
const file = join(folder, "original");
await writeFile(file, randomBytes(size));

interface Scene {
  readonly name: string;
  readonly first?: LinkOrder["change"];
  readonly seeder?: Partial<SeederOrder>;
}

const scenes: readonly Scene[] = [
  { name: "no fault" },
  { name: "one of two falls silent at 2 MB", first: { afterBytes: 2 * MB, bytesPerSecond: 0 } },
  { name: "one of two drops to 20 KB/s at 2 MB", first: { afterBytes: 2 * MB, bytesPerSecond: 20_000 } },
  { name: "one of two corrupts bytes", seeder: { corrupt: true } },
];

async function seed(host: string, order: Partial<SeederOrder>) {
  const child = fork(program, [JSON.stringify({ file, host, ...order })], { execArgv: ["--import", "tsx"] });
  const [{ link }] = (await once(child, "message")) as [{ link: string }];
  return { link: new URL(link), stop: () => child.kill() };
}

/** Two seeders behind lines of 6 MB/s each; the first has the fault. */
async function play({ first, seeder = {} }: Scene) {
  const seeders = await Promise.all([seed("127.0.0.2", seeder), seed("127.0.0.3", {})]);
  const links = await Promise.all(
    seeders.map(({ link }, i) =>
      openLink({
        targetHost: link.hostname,
        targetPort: Number(link.port),
        host: link.hostname,
        bytesPerSecond: speed,
        ...(i === 0 && first !== undefined && { change: first }),
      }),
    ),
  );
  const sources = seeders.map(({ link }, i) => `ws://${link.hostname}:${links[i]?.port ?? 0}${link.pathname}`);
  const out = join(folder, "copy");
  const events: DownloadEvent[] = [];
  try {
    const last = await lastValueFrom(
      downloadFile(sources, { out, catalogue: false }).pipe(tap((event) => events.push(event))),
    );
    if (last.type !== "download-completed") throw new Error(`it ended with ${last.type}`);
    return { seconds: last.account.elapsedMs / 1000, account: last.account, events };
  } finally {
    await Promise.all(links.map((link) => link.close()));
    for (const { stop } of seeders) stop();
    await rm(out, { force: true });
  }
}

console.log(`${size / 1024 / 1024} MiB from two seeders, ${speed / MB} MB/s each\n`);
console.log(`${"".padEnd(40)}${"seconds".padStart(9)}${"more".padStart(8)}${"received".padStart(10)}  second legs`);
let ideal: number | undefined;
try {
  await play({ name: "warm-up" });
  for (const scene of scenes) {
    const { seconds, account, events } = await play(scene);
    ideal ??= seconds;
    const more = `${(seconds - ideal).toFixed(2)} s`;
    const received = `x${(account.received / size).toFixed(3)}`;
    const out = events.filter(({ type }) => type === "peer-quarantined").length;
    const legs = Object.entries(account.hedges).map(([reason, count]) => `${reason} ${count}`);
    const told = [...legs, ...(out > 0 ? [`quarantined ${out}`] : [])].join(", ");
    console.log(
      `${scene.name.padEnd(40)}${seconds.toFixed(2).padStart(9)}${more.padStart(8)}${received.padStart(10)}  ${told}`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
