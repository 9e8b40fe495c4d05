/** One end of a bare loop over a data channel: sends a file, or receives, hashes and writes it. Descriptions and candidates go by the parent. */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { type DataChannel, PeerConnection } from "node-datachannel";
import { tellCpu } from "./tellCpu.js";

const [role, path = "", bytes = "0"] = process.argv.slice(2);
const messageBytes = 64 * 1024;
const chunkBytes = 256 * 1024;
const highWater = 1024 * 1024;

interface Signal {
  readonly type: string;
  readonly sdp?: string;
  readonly kind?: "offer" | "answer";
  readonly candidate?: string;
  readonly mid?: string;
}

tellCpu();
const connection = new PeerConnection(role ?? "", { iceServers: [] });
const tell = (signal: Omit<Signal, "type">): void => void process.send?.({ type: "signal", ...signal });
connection.onLocalDescription((sdp, kind) => tell({ sdp, kind: kind as "offer" | "answer" }));
// The end that offers is found no earlier than it has the answer: it refuses a handshake that comes before.
const untold: Signal[] = [];
let mayTell = role !== "receiver";
function tellCandidates(): void {
  if (mayTell) for (const signal of untold.splice(0)) tell(signal);
}
connection.onLocalCandidate((candidate, mid) => {
  untold.push({ type: "signal", candidate, mid });
  tellCandidates();
});
// The library throws at candidates until a thread of its own has made what takes them.
const early: Signal[] = [];
function addCandidates(): void {
  for (const signal of early.splice(0)) {
    try {
      connection.addRemoteCandidate(signal.candidate ?? "", signal.mid ?? "");
    } catch {
      early.push(signal);
    }
  }
}
connection.onGatheringStateChange(addCandidates);
process.on("message", (signal: Signal) => {
  if (signal.type !== "signal") return;
  if (signal.sdp === undefined) early.push(signal);
  else {
    connection.setRemoteDescription(signal.sdp, signal.kind ?? "offer");
    mayTell = true;
    tellCandidates();
  }
  addCandidates();
});

async function send(channel: DataChannel): Promise<void> {
  const file = await open(path);
  channel.setBufferedAmountLowThreshold(highWater / 2);
  let goOn = (): void => undefined;
  channel.onBufferedAmountLow(() => goOn());
  for (let at = 0; ; at += messageBytes) {
    const message = Buffer.allocUnsafe(messageBytes);
    const { bytesRead } = await file.read(message, 0, messageBytes, at);
    if (bytesRead === 0) break;
    channel.sendMessageBinary(message.subarray(0, bytesRead));
    while (channel.bufferedAmount() > highWater) await new Promise<void>((resolve) => (goOn = resolve));
  }
  await file.close();
}

async function receive(channel: DataChannel): Promise<void> {
  const file = await open(path, "w");
  const writes: Promise<unknown>[] = [];
  let hash = createHash("sha256");
  let at = 0;
  let inChunk = 0;
  await new Promise<void>((resolve) => {
    channel.onMessage((data) => {
      const piece = Buffer.from(data as Uint8Array);
      hash.update(piece);
      inChunk += piece.length;
      if (inChunk >= chunkBytes) {
        hash.digest();
        hash = createHash("sha256");
        inChunk = 0;
      }
      writes.push(file.write(piece, 0, piece.length, at));
      at += piece.length;
      if (at >= Number(bytes)) resolve();
    });
    process.send?.({ type: "open" });
  });
  await Promise.all(writes);
  await file.close();
  if ((await stat(path)).size !== Number(bytes)) throw new Error("the bare loop lost bytes");
  process.send?.({ type: "done" });
}

if (role === "receiver") {
  const channel = connection.createDataChannel("bench");
  channel.onOpen(() => void receive(channel));
} else {
  connection.onDataChannel((channel) => {
    // Held by the closure: a channel that nobody references is collected.
    process.on("message", ({ type }: Signal) => type === "begin" && void send(channel));
  });
  process.send?.({ type: "ready" });
}
