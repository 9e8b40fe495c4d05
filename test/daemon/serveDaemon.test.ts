import { once } from "node:events";
import { createConnection } from "node:net";
import { filter, firstValueFrom, ignoreElements, share, Subject, take, tap } from "rxjs";
import { expect, it, vi } from "vitest";
import { readDaemonFile } from "../../src/daemon/daemonFile.js";
import { serveDaemon } from "../../src/daemon/serveDaemon.js";
import { tempFolder } from "../tempFolder.js";

it("A daemon has said in its file that it has ended before another one can begin, and drops connections on which nobody asks", async () => {
  vi.stubEnv("TRIBUTARY_STATE", await tempFolder());
  const end = new Subject<void>();
  let left: unknown;
  const events = serveDaemon({ program: "a test", pauseWhen: end }).pipe(
    tap({ complete: () => (left = readDaemonFile()) }),
    share(),
  );
  const ended = firstValueFrom(events.pipe(ignoreElements()), { defaultValue: undefined });
  const listening = events.pipe(
    filter((event) => event.type === "listening"),
    take(1),
  );
  const { port } = await firstValueFrom(listening);
  const address = readDaemonFile();
  expect(address).toMatchObject({ port, pid: process.pid });
  const silent = createConnection(port, "127.0.0.1");
  await once(silent, "connect");
  const dropped = once(silent, "close");
  end.next();
  await ended;
  expect(left).toEqual({ port, token: address?.token });
  await dropped;
});
