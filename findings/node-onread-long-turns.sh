#!/usr/bin/env bash
# Node 20.20.2, `net.connect` with `onread: { buffer, callback }`.
#
# Expected: the event loop hears of one read of a socket, then of whatever else is ready: the next socket, a setImmediate, a file operation that
#   the thread pool has finished.
# Instead: as long as bytes wait in the kernel, a socket is read up to 32 times in a row, each time into the whole buffer, and only then does
#   anything else have its turn (the loop in `uv__read` of libuv's src/unix/stream.c, which only a read that does not fill the buffer ends).
#   So a large buffer buys few calls at the price of long turns: with buffers of 1 MiB, eight fast sockets and a SHA-256 in each callback
#   a turn takes tens of milliseconds, in which a file write that has long ended is not heard of, and what waits for it does not begin.
#
# Seen:
#   | buffers of 1 KiB: 32 reads before a setImmediate
#   | buffers of 2 KiB: 32 reads before a setImmediate
#   | buffers of 4 KiB: 32 reads before a setImmediate
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > finding.mjs <<'JS'
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

if (process.argv[2] === "server") {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(Buffer.alloc(8 * 1024 * 1024));
  }).listen(0, "127.0.0.1", () => process.send(server.address().port));
  process.on("disconnect", () => process.exit());
} else {
  const server = fork(process.argv[1], ["server"]);
  const [port] = await once(server, "message");
  for (const kib of [1, 2, 4]) console.log(`buffers of ${kib} KiB: ${await readsInOneTurn(port, kib * 1024)} reads before a setImmediate`);
  server.disconnect();
}

/** Reads from one socket, whose bytes wait in the kernel, until a setImmediate of the first read is called. */
async function readsInOneTurn(port, bytes) {
  const buffer = Buffer.alloc(bytes);
  let reads = 0;
  let over;
  const turn = new Promise((resolve) => (over = resolve));
  const callback = () => {
    if (reads++ === 0) setImmediate(over);
    return true;
  };
  const socket = connect({ port, host: "127.0.0.1", onread: { buffer, callback } }).on("error", () => undefined);
  await once(socket, "connect");
  // While this thread does nothing the server fills the socket.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await turn;
  const seen = reads;
  socket.destroy();
  return seen;
}
JS
diff -u --label stated --label now <(echo "$seen") <(node finding.mjs)
echo "holds: a socket is read 32 times before anything else has its turn"
