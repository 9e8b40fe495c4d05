/** Ways in which a seeder can misbehave, each as a wrapper around what the seeder is made of. */
import type { ByteSource, Connection } from "rx-tributary/node";
import { DownloadError } from "rx-tributary";
import { map, NEVER, Observable, tap, throwError } from "rxjs";

/** Flips one byte of every read: the bytes look fine until they are hashed. */
export function corrupting(source: ByteSource): ByteSource {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[0] = (copy[0] ?? 0) ^ 0xff;
    return copy;
  };
  return { manifest: source.manifest, read: (offset, length) => source.read(offset, length).pipe(map(flip)) };
}

/** Asks every client to come back later, for so long from its first request. */
export function busyFor(ms: number, source: ByteSource): ByteSource {
  let since: number | undefined;
  return {
    manifest: source.manifest,
    read: (offset, length) => {
      const leftMs = (since ??= Date.now()) + ms - Date.now();
      if (leftMs <= 0) return source.read(offset, length);
      return throwError(() => new DownloadError("PEER_BUSY", "too many requests", { retryAfterMs: leftMs }));
    },
  };
}

/** Fails every n-th read for no good reason. */
export function failingOneIn(n: number, source: ByteSource): ByteSource {
  let reads = 0;
  return {
    manifest: source.manifest,
    read: (offset, length) =>
      ++reads % n === 0
        ? throwError(() => new DownloadError("PEER_UNAVAILABLE", "no luck this time"))
        : source.read(offset, length),
  };
}

/** Falls silent after so many bytes, on each connection anew: it takes requests, and sends nothing more. */
export function stallingAfter(bytes: number, connection: Connection): Connection {
  let sent = 0;
  return {
    address: connection.address,
    frames: connection.frames,
    send: (frame, payload) => {
      sent += frame.length + (payload?.length ?? 0);
      return sent > bytes ? NEVER : connection.send(frame, payload);
    },
    close: (code, reason) => connection.close(code, reason),
  };
}

/** Hangs up after so many bytes, on each connection anew. */
export function droppingEvery(bytes: number, connection: Connection): Connection {
  let sent = 0;
  return {
    address: connection.address,
    frames: connection.frames,
    send: (frame, payload) =>
      new Observable<never>((subscriber) => {
        sent += frame.length + (payload?.length ?? 0);
        return connection
          .send(frame, payload)
          .pipe(tap({ complete: () => sent >= bytes && connection.close(1001, "the line dropped") }))
          .subscribe(subscriber);
      }),
    close: (code, reason) => connection.close(code, reason),
  };
}
