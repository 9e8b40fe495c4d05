#!/usr/bin/env bash
# Node 20.20.2, `net.connect` with `onread: { buffer: () => Uint8Array, callback }`.
#
# Expected: what `buffer` returns is asked for when there is something to read, so that after `pause()` and `resume()` the next bytes land
#   in the memory that the program wants by then.
# Instead: Node calls `buffer` once before it connects, then right after each `callback`, even when that paused the socket
#   (`onStreamRead` in lib/internal/stream_base_commons.js). What comes first after a pause, however long that was, lands in the memory
#   that was chosen before the pause. So a program that pauses has to leave that memory alone until the next read, and cannot take a
#   change of its mind into account before the read after the next.
#
# Seen:
#   | buffer: A
#   | read into A: first
#   | paused
#   | buffer: A
#   | from here on B is wanted
#   | resumed
#   | read into A: second
#   | buffer: B
#   | read into B: third
#   | buffer: B
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > finding.mjs <<'JS'
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

const memory = { A: Buffer.alloc(16), B: Buffer.alloc(16) };
let wanted = "A";
let wasRead;

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const onread = {
  buffer() {
    console.log(`buffer: ${wanted}`);
    return memory[wanted];
  },
  callback(bytes, buffer) {
    const name = buffer === memory.A ? "A" : "B";
    const text = buffer.toString("latin1", 0, bytes);
    console.log(`read into ${name}: ${text}`);
    if (text === "first") {
      socket.pause();
      console.log("paused");
    }
    wasRead();
    return true;
  },
};
const socket = connect({ port: server.address().port, host: "127.0.0.1", onread });
const [[peer]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);

async function send(text) {
  const read = new Promise((resolve) => (wasRead = resolve));
  peer.write(text);
  await read;
  await turn();
}

await send("first");
wanted = "B";
console.log("from here on B is wanted");
await turn();
console.log("resumed");
socket.resume();
await send("second");
await send("third");
socket.destroy();
peer.destroy();
server.close();
JS

diff -u --label stated --label now <(echo "$seen") <(node finding.mjs)
echo "holds: a read after a pause lands in the memory chosen before it"
