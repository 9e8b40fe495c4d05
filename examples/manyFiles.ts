/** Many files at a time, from a server that lacks one of them: a line for each, and one total. */
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAll } from "rx-tributary/node";
import { lastValueFrom, tap } from "rxjs";

const server = createServer(({ url }, response) => {
  if (url === "/lost") response.writeHead(404).end();
  else response.end(`the text of ${url ?? ""}`);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const dir = await mkdtemp(join(tmpdir(), "tributary-"));

try {
  const list = downloadAll([`${origin}/one`, { sources: `${origin}/two`, out: "second" }, `${origin}/lost`], {
    ...{ dir, concurrency: 2, catalogue: false },
  });
  const last = await lastValueFrom(
    list.events.pipe(
      tap((event) => {
        if (event.type === "file-ended") console.log(`${event.outcome.name ?? "?"}: ${event.outcome.status}`);
      }),
    ),
  );
  if (last.type === "list-ended") console.log(`${last.total.filesDone} of ${last.outcomes.length} files are here`);
  console.log((await readdir(dir)).join(" "));
} finally {
  server.close();
  await rm(dir, { recursive: true });
}
