import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstValueFrom, lastValueFrom, of, skip, Subject } from "rxjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { fetchText } from "../../src/discovery/fetchText.js";
import { fetchManifest } from "../../src/discovery/fetchManifest.js";
import { admitLateMirrors } from "../../src/discovery/admitLateMirrors.js";
import { MirrorAnswers } from "../../src/discovery/MirrorAnswers.js";
import { downloadFile } from "../../src/node.js";
import { answerWith, atEnd, cleanUp, errorOf, fileOf, peerAt, serve } from "../adapters/http/harness.js";
import { discoveryFor } from "./discoveryFor.js";
import { peerAt as socketPeerAt, scripted } from "../adapters/websocket/harness.js";

const file = fileOf(100_000);
/** The waits of failures are none of the waits of busy answers. */
const hasty = { initialBackoffMs: 0, maxBackoffMs: 0 };
const root = "ab".repeat(32);

/** Says busy twice to each question, and when each was asked. */
class Busy {
  readonly #askedAt = new Map<string, number[]>();

  says(question: string): boolean {
    const times = this.#askedAt.get(question) ?? [];
    this.#askedAt.set(question, times);
    return times.push(performance.now()) <= 2;
  }

  /** The shortest waits after the first and the second busy answer. */
  get waits(): readonly number[] {
    const all = [...this.#askedAt.values()];
    return [0, 1].map((at) => Math.min(...all.map((times) => (times[at + 1] ?? 0) - (times[at] ?? 0))));
  }
}

const rangeOf: (request: Parameters<RequestListener>[0]) => string = ({ headers }) => headers.range ?? "whole";

/** A server that says busy twice to what `isMeant` names, and otherwise has the file. */
async function busyServer(
  busy: Busy,
  isMeant: (range: string) => boolean,
  retryAfter = "0",
  otherwise?: RequestListener,
) {
  const { url } = await serve((request, response) => {
    const range = rangeOf(request);
    if (isMeant(range) && busy.says(`${request.headers.host} ${range}`))
      response.writeHead(503, { "retry-after": retryAfter }).end();
    else (otherwise ?? answerWith(file))(request, response);
  });
  return url;
}

const isProbe = (range: string): boolean => range === "bytes=0-262143" || range === "bytes=0-1";
const isChunk = (range: string): boolean => range === `bytes=0-${file.length - 1}`;
const isSample = (range: string): boolean => /^bytes=\d+-\d+$/.test(range) && !isProbe(range) && !isChunk(range);

async function download(...urls: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tributary-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await lastValueFrom(downloadFile(urls, { out: join(folder, "file"), catalogue: false, retry: hasty }));
}

const kinds: readonly [question: string, ask: (busy: Busy) => Promise<unknown>][] = [
  ["what its file is", async (busy) => download(await busyServer(busy, isProbe))],
  [
    "what its file is, with a date that is over,",
    async (busy) => download(await busyServer(busy, isProbe, "Sun, 06 Nov 1994 08:49:37 GMT")),
  ],
  [
    "some bytes to compare",
    async (busy) => download(await busyServer(busy, isSample), await busyServer(busy, isSample)),
  ],
  [
    "what its file is when it comes later",
    async (busy) => {
      const founder = peerAt((await serve(answerWith(file))).url);
      const late = peerAt(await busyServer(busy, isProbe));
      const answered = [{ mirror: founder, said: { ranges: true } }];
      const known = {
        answered,
        size: file.length,
        members: new Set<never>(),
        refused: new Set<never>(),
        postponed: new Map<never, never>(),
      };
      const quiet = (): void => undefined;
      // No patience within one question: it is the next question that is to wait.
      const impatient = discoveryFor({ ...hasty, chunkDeadlineSecs: 0.001 });
      const left = new Subject<void>();
      const answers = new MirrorAnswers(impatient, { opens: () => false, size: file.length, left });
      const told = { refuse: quiet, postpone: quiet, admit: quiet };
      const joining = admitLateMirrors(of([founder, late]), answers, known, told, impatient);
      await firstValueFrom(joining.pipe(skip(1)));
      left.next();
    },
  ],
  [
    "a chunk",
    async (busy) => {
      const isSecond = (range: string): boolean => range.startsWith("bytes=262144-");
      await download(await busyServer(busy, isSecond, "0", answerWith(fileOf(300_000))));
    },
  ],
  [
    "a file of unknown size",
    async (busy) => {
      const unsized: RequestListener = (_request, response) => {
        response.writeHead(200).write(file.subarray(0, 1000));
        response.end(file.subarray(1000));
      };
      await download(await busyServer(busy, (range) => range === "whole", "0", unsized));
    },
  ],
  [
    "a document",
    async (busy) => {
      const url = await busyServer(busy, () => true);
      await lastValueFrom(fetchText(peerAt(url), discoveryFor(hasty)));
    },
  ],
  [
    "a manifest",
    async (busy) => {
      const { url } = await scripted((message, client) => {
        if (message.type !== "get-manifest") return;
        const code = busy.says("manifest") ? "PEER_BUSY" : "FILE_NOT_FOUND";
        client.say({ type: "error", id: message.id, code, message: "", retryAfterMs: 0 });
      });
      await manifestOf(url);
    },
  ],
  [
    "to let us in",
    async (busy) => {
      const server = createServer();
      server.on("upgrade", (_request, socket) => {
        const status = busy.says("dial") ? "503 Service Unavailable" : "404 Not Found";
        socket.end(`HTTP/1.1 ${status}\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      atEnd(() => server.close());
      await manifestOf(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    },
  ],
];

function manifestOf(url: string): Promise<unknown> {
  const peers = of([socketPeerAt(`${url}/${root}`)]);
  return errorOf(fetchManifest(peers, sha256, discoveryFor(hasty)));
}

/** All at once: each takes three seconds. */
const asked = new Map<string, Promise<Busy>>();

beforeAll(() => {
  for (const [question, ask] of kinds) {
    const busy = new Busy();
    const done = ask(busy).then(() => busy);
    done.catch(() => undefined); // its test hears of it
    asked.set(question, done);
  }
});

afterAll(cleanUp);

it.each(kinds)(
  "A server that is asked %s and says busy for no time is asked again after 1 and 2 s",
  async (question) => {
    const [first = 0, second = 0] = (await asked.get(question))?.waits ?? [];
    expect(first).toBeGreaterThan(990);
    expect(second).toBeGreaterThan(1990);
  },
);
