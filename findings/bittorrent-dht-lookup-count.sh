#!/usr/bin/env bash
# bittorrent-dht 11.0.12 (npm; k-rpc 5.1.0), on Node 20.20.2.
#
# Expected: `lookup` hands its callback the number of nodes that had peers, as the README says; so 0 where nobody lists any, and never more than there are nodes.
# Instead: it counts answers. A node that knows nobody counts, and one that is in the routing table counts twice, as a bootstrap node and as a close one, when the table has
#   fewer nodes than `bootstrap` names, as with one of two bootstrap nodes gone. So `n > 0` says only that the table answers; who has peers is told by the event `peer`.
#
# Seen:
#   | bootstrap of 1: 1 node in the table, peers told 0, lookup says 1
#   | bootstrap of 2, of which one is gone: 1 node in the table, peers told 0, lookup says 2
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --loglevel=error --no-audit --no-fund --ignore-scripts bittorrent-dht@11.0.12 k-rpc@5.1.0 > install.txt

cat > finding.mjs <<'JS'
import DHT from "bittorrent-dht";
import { createSocket } from "node:dgram";

const opened = (node) => new Promise((done) => node.listen(0, "127.0.0.1", done));

/** A port at which nobody is any more. */
async function gonePort() {
  const socket = createSocket("udp4");
  await new Promise((done) => socket.bind(0, "127.0.0.1", done));
  const { port } = socket.address();
  await new Promise((done) => socket.close(done));
  return port;
}

const only = new DHT({ bootstrap: false });
await opened(only);
const there = `127.0.0.1:${only.address().port}`;

async function look(words, bootstrap) {
  const asking = new DHT({ bootstrap });
  await opened(asking);
  if (!asking.ready) await new Promise((done) => asking.once("ready", done));
  let peers = 0;
  asking.on("peer", () => (peers += 1));
  const count = await new Promise((done) => asking.lookup("0707070707070707070707070707070707070707", (_, n) => done(n)));
  console.log(`${words}: ${asking.nodes.toArray().length} node in the table, peers told ${peers}, lookup says ${count}`);
  await new Promise((done) => asking.destroy(done));
}

await look("bootstrap of 1", [there]);
await look("bootstrap of 2, of which one is gone", [there, `127.0.0.1:${await gonePort()}`]);
only.destroy();
JS

diff -u --label stated --label now <(echo "$seen") <(timeout 60 node finding.mjs)
echo "holds: bittorrent-dht counts answers of a lookup, not nodes with peers"
