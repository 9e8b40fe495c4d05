import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, Subject, take, tap } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { downloadFile } from "../../../src/node.js";
import { answerWith, cleanUp, fileOf, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const bytes = fileOf(200_000);

afterEach(cleanUp);

it("A short file that is slow comes by one request, and each of its bytes is counted once", async () => {
  const goesOn = new Subject<void>();
  const server = await serve((_request, response) => {
    response.writeHead(206, { "content-range": "bytes 0-199999/200000", "content-length": bytes.length, etag: '"a"' });
    response.write(bytes.subarray(0, 90_000));
    goesOn.pipe(take(1)).subscribe(() => response.end(bytes.subarray(90_000)));
  });
  const dir = await tempFolder();
  const running = downloadFile(server.url, { dir }).pipe(
    // Only then was it too slow to be stored in one go.
    tap(({ type }) => type === "attempt-started" && goesOn.next()),
  );
  const last = await lastValueFrom(running);
  expect(last).toMatchObject({ type: "download-completed", account: { received: 200_000, done: 200_000 } });
  expect(server.requests).toHaveLength(1);
  expect(bytes.equals(await readFile(join(dir, "file.bin")))).toBe(true);
});

it("A short file whose server asks for time is asked for again when it wished, and the account has the retry", async () => {
  const times: number[] = [];
  const { url } = await serve((request, response) => {
    times.push(performance.now());
    if (times.length === 1) response.writeHead(503, { "retry-after": "1" }).end();
    else answerWith(bytes)(request, response);
  });
  const dir = await tempFolder();
  const metalink = join(dir, "film.meta4");
  const hash = createHash("sha256").update(bytes).digest("hex");
  const file = `<size>200000</size><pieces length="200000" type="sha-256"><hash>${hash}</hash></pieces><url>${url}</url>`;
  const namespace = "urn:ietf:params:xml:ns:metalink";
  await writeFile(metalink, `<metalink xmlns="${namespace}"><file name="film">${file}</file></metalink>`);
  const last = await lastValueFrom(downloadFile(metalink, { dir, catalogue: false }));
  expect(last).toMatchObject({ type: "download-completed", account: { received: 200_000 } });
  expect(times).toHaveLength(2);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
});
