#!/usr/bin/env bash
# node-datachannel 0.33.4 (npm; libdatachannel 0.24.5), on Node 20.20.2.
#
# Expected: a data channel that came in by `onDataChannel` and has an `onMessage` goes on hearing, as an `RTCDataChannel` of a page does, which is kept as long
#   as it is open and anybody listens.
# Instead: its callbacks hold nothing. With the next garbage collection the channel is closed while the connection stands, without an `onClosed` on
#   its own side, and what the other end sends then is not sent. A program that holds the channel itself is spared.
#
# Seen:
#   | channel held: heard 2 of 2, connection connected, closed for the sender: false, own onClosed: false
#   | channel not held: heard 1 of 2, connection connected, closed for the sender: true, own onClosed: false
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --loglevel=error --no-audit --no-fund --ignore-scripts node-datachannel@0.33.4 > install.txt

cat > finding.cjs <<'JS'
const { PeerConnection } = require("node-datachannel");

const passed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so, ten seconds at most. */
async function until(holds) {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await passed(50);
}

async function heard(isHeld) {
  const asking = new PeerConnection("asking", { iceServers: [] });
  const answering = new PeerConnection("answering", { iceServers: [] });
  const held = [];
  const messages = [];
  let hasCome = false;
  let ownClosed = false;
  answering.onDataChannel((channel) => {
    hasCome = true;
    channel.onMessage((message) => messages.push(message));
    channel.onClosed(() => (ownClosed = true));
    if (isHeld) held.push(channel);
  });

  // Each end is told where the other one is when both descriptions are there.
  const addresses = { asking: [], answering: [] };
  let isAnswered = false;
  asking.onLocalCandidate((...candidate) => addresses.asking.push(candidate));
  answering.onLocalCandidate((...candidate) => addresses.answering.push(candidate));
  asking.onLocalDescription((sdp, type) => answering.setRemoteDescription(sdp, type));
  answering.onLocalDescription((sdp, type) => {
    asking.setRemoteDescription(sdp, type);
    isAnswered = true;
  });
  const sending = asking.createDataChannel("finding");
  let isClosed = false;
  sending.onClosed(() => (isClosed = true));
  await until(() => isAnswered && addresses.asking.length > 0 && addresses.answering.length > 0);
  await passed(300);
  for (const candidate of addresses.answering) asking.addRemoteCandidate(...candidate);
  for (const candidate of addresses.asking) answering.addRemoteCandidate(...candidate);
  await until(() => sending.isOpen() && hasCome);

  sending.sendMessage("before");
  await until(() => messages.length === 1);
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc();
    await passed(50);
  }
  if (!isHeld) await until(() => isClosed);
  if (sending.isOpen()) sending.sendMessage("after");
  await until(() => messages.length === 2 || isClosed);
  const ends = `closed for the sender: ${isClosed}, own onClosed: ${ownClosed}`;
  console.log(`channel ${isHeld ? "" : "not "}held: heard ${messages.length} of 2, connection ${answering.state()}, ${ends}`);
  asking.close();
  answering.close();
  return held;
}

(async () => {
  await heard(true);
  await heard(false);
  process.exit();
})();
JS

diff -u --label stated --label now <(echo "$seen") <(timeout 60 node --expose-gc finding.cjs)
echo "holds: node-datachannel closes a channel that only its callbacks know"
