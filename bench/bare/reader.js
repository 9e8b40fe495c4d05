/**
 * The physical limit of a download on this machine, for a program of Node: `node reader.js OUT BYTES digest|plain URL...`. Four
 * connections, each asked once for its share, read by `onread` straight into the memory of a chunk; of each chunk of 1 MiB there
 * is one write and, with `digest`, one SHA-256, which nobody compares. No retries, no checks, no progress: nobody should use it.
 */
import { Buffer } from "node:buffer";
import { webcrypto } from "node:crypto";
import { write } from "node:fs";
import { open } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";

const chunkBytes = 1024 * 1024;
const connections = 4;
/** Chunks of one connection in memory: one that is read, and those that are hashed and written. */
const chunksHeld = 3;

const [out = "", bytes = "", how = "", ...urls] = process.argv.slice(2);
const size = Number(bytes);
const withDigest = how === "digest";
const file = await open(out, "w");

/** @typedef {{ readonly start: number, readonly end: number }} Share */

/**
 * Reads one share from one connection.
 *
 * @type {(url: URL, share: Share) => Promise<void>}
 */
const read = (url, { start, end }) =>
  new Promise((resolve, reject) => {
    const free = Array.from({ length: chunksHeld }, () => Buffer.allocUnsafeSlow(chunkBytes));
    const head = Buffer.allocUnsafeSlow(64 * 1024);
    let headBytes = 0;
    let inBody = false;
    let at = start;
    let chunk = /** @type {Buffer | undefined} */ (free.pop());
    let filled = 0;
    let unwritten = 0;

    const fail = /** @param {unknown} error */ (error) => {
      socket.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const endIfDone = () => {
      if (at < end || unwritten > 0) return;
      socket.destroy();
      resolve();
    };
    const wanted = () => Math.min(chunkBytes, end - (at - filled));
    const finish = /** @param {Buffer} whole @param {number} length @param {number} place */ async (
      whole,
      length,
      place,
    ) => {
      unwritten += 1;
      const written = new Promise((done, failed) => {
        write(file.fd, whole, 0, length, place, (error, count) =>
          error === null && count === length ? done(undefined) : failed(error ?? new Error("a short write")),
        );
      });
      const hashed = withDigest ? webcrypto.subtle.digest("SHA-256", whole.subarray(0, length)) : undefined;
      await Promise.all([written, hashed]);
      unwritten -= 1;
      free.push(whole);
      if (chunk === undefined) {
        chunk = free.pop();
        socket.resume();
      }
      endIfDone();
    };
    /** @param {number} count */
    const came = (count) => {
      filled += count;
      at += count;
      if (chunk === undefined || filled < wanted()) return true;
      void finish(chunk, filled, at - filled).catch(fail);
      filled = 0;
      chunk = free.pop();
      return chunk !== undefined;
    };
    /** @param {number} count */
    const cameWithHead = (count) => {
      headBytes += count;
      const body = head.indexOf("\r\n\r\n") + 4;
      if (body < 4 || body > headBytes) return true;
      if (!head.toString("latin1", 0, body).startsWith("HTTP/1.1 206 ")) fail(new Error(`no range from ${url.href}`));
      inBody = true;
      const first = headBytes - body;
      if (first > 0) head.copy(/** @type {Buffer} */ (chunk), 0, body, headBytes);
      return first === 0 || came(first);
    };
    // Asked for right after a read, not before the next one: what comes first after a pause comes here, and is copied.
    const place = () =>
      !inBody ? head.subarray(headBytes) : chunk === undefined || at === end ? head : chunk.subarray(filled, wanted());
    /** @param {number} count @param {Uint8Array} into */
    const cameInto = (count, into) => {
      if (!inBody) return cameWithHead(count);
      if (into.buffer === head.buffer) chunk?.set(into.subarray(0, count), filled);
      return came(count);
    };
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      onread: { buffer: place, callback: cameInto },
    });
    socket.once("error", fail);
    socket.once("close", () => {
      if (at < end) fail(new Error(`${url.href} closed the connection at ${at} of ${end}`));
    });
    socket.write(
      `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nRange: bytes=${start}-${end - 1}\r\nConnection: close\r\n\r\n`,
    );
  });

const perConnection = Math.ceil(size / connections / chunkBytes) * chunkBytes;
const shares = Array.from({ length: connections }, (_, index) => ({
  start: Math.min(size, index * perConnection),
  end: Math.min(size, (index + 1) * perConnection),
}));
await Promise.all(
  shares
    .filter(({ start, end }) => start < end)
    .map((share, index) => read(new URL(urls[index % urls.length] ?? ""), share)),
);
await file.close();
