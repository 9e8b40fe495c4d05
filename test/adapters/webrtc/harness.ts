import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  asyncScheduler,
  defer,
  EMPTY,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  type Observable,
  shareReplay,
  startWith,
  type Subscription,
  tap,
} from "rxjs";
import { onTestFinished } from "vitest";
import { nodeEngine } from "../../../src/adapters/webrtc/nodeEngine.js";
import { RtcMeeting } from "../../../src/adapters/webrtc/RtcMeeting.js";
import type { Dial } from "../../../src/adapters/websocket/Dial.js";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { downloadFile } from "../../../src/assembly/node/downloadFile.js";
import { toDownloadError } from "../../../src/errors/toDownloadError.js";
import { decodeServerMessage, encodeMessage } from "../../../src/protocol/codec.js";
import { parsePeerLink } from "../../../src/protocol/PeerLink.js";
import type { Connection } from "../../../src/seeder/Connection.js";
import { SharedFiles } from "../../../src/seeder/SharedFiles.js";
import { serveWhile } from "../../../src/tools/serveWhile.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import type { ServeFilesOptions } from "../../../src/tools/serveOptions.js";

/** One who is at the seeder of a link until the test is over, and serves those who come by `serve`, or nobody. */
export async function meetingBy(link: string, serve?: (connection: Connection) => void): Promise<RtcMeeting> {
  const meeting = new RtcMeeting(parsePeerLink(link), {
    engine: await firstValueFrom(nodeEngine),
    ...{ iceServers: [], tokens: {}, dial: dialNode(), scheduler: asyncScheduler, random: Math.random },
    ...{ publicOnly: () => false, mayAsk: () => true, serve },
  });
  onTestFinished(() => meeting.close());
  return meeting;
}

/** Another one at the seeder, who serves; with the way to call it. */
export async function otherAt(meeting: RtcMeeting): Promise<{ readonly id: string; readonly dial: Dial }> {
  const known = meeting.changes.pipe(
    startWith(undefined),
    map(() => meeting.others[0]),
    filter((id) => id !== undefined),
  );
  const id = await firstValueFrom(known);
  return { id, dial: meeting.dialTo(id) };
}

/** What an end says to which a message of 100,000 bytes is sent, until it closes the channel. */
export async function saidToOversized({ id, dial }: { readonly id: string; readonly dial: Dial }) {
  const target = { url: "", peer: id, token: undefined, maxFrameBytes: 65_536, maxRetryAfterMs: 1000 };
  const frames = dial(target).pipe(
    mergeMap((wire) => {
      const sending = defer(() => {
        wire.send(new Uint8Array(100_000));
        return EMPTY;
      });
      return merge(wire.frames, sending);
    }),
  );
  const said: string[] = [];
  const closed = lastValueFrom(
    frames.pipe(
      tap((frame) => {
        const message = decodeServerMessage(frame);
        said.push(message.type === "error" ? message.code : message.type);
      }),
    ),
  );
  const code = await closed.then(
    () => "nothing",
    (error: unknown) => toDownloadError(error).code,
  );
  return { said, code };
}

/** Serves as one who sends a message of 200,000 bytes where 65,536 were said to be taken. */
export function serveOversized(connection: Connection): void {
  const limits = { frameBytes: 65_536, requests: 16 };
  connection.send(encodeMessage({ type: "hello", version: 1, limits })).subscribe();
  connection.frames.subscribe();
  connection.send(new Uint8Array(200_000)).subscribe();
}

/** A file that one seeder serves, and a folder for what comes of it. */
export async function seeded(size: number, options: ServeFilesOptions = {}) {
  const folder = await tempFolder();
  const bytes = randomBytes(size);
  const path = join(folder, "original");
  await writeFile(path, bytes);
  return { ...(await seedFile(path, options)), folder, bytes, out: (name: string) => join(folder, name) };
}

/** The events, which go on until the test is over, or until `stop` is unsubscribed. */
function going<T>(events: Observable<T>): { readonly events: Observable<T>; readonly stop: Subscription } {
  const replayed = events.pipe(shareReplay({ bufferSize: 1000, refCount: true }));
  const stop = replayed.subscribe({ error: () => undefined });
  onTestFinished(() => stop.unsubscribe());
  return { events: replayed, stop };
}

/** One who has the whole file, and serves it to those who meet it at the seeder; resolves when it is there. */
export async function serving(link: string, out: string, bytes: Uint8Array) {
  await writeFile(out, bytes);
  const shared = new SharedFiles();
  const download = downloadFile(link, { out, shared, rtc: true, catalogue: false });
  const running = going(serveWhile(download, shared));
  await firstValueFrom(running.events.pipe(filter(({ type }) => type === "download-completed")));
  return running;
}

/** A download that meets others. */
export function downloading(link: string, out: string) {
  return going(downloadFile(link, { out, rtc: true, catalogue: false }));
}
