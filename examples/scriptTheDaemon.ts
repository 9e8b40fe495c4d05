// Scripts the daemon (`tributary serve`) by its protocol alone, docs/daemon.md: adds a download paused, lists it, resumes it and waits for its end.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { Packr } from "msgpackr";
import { WebSocket } from "ws";

interface Message {
  readonly [key: string]: unknown;
  readonly type: string;
  readonly downloads?: readonly number[];
  readonly list?: { readonly rows: readonly { readonly id: number; readonly state: string }[] };
}

const url = process.argv[2] ?? "https://example.org/file";
const folder = process.env["TRIBUTARY_STATE"] ?? `${homedir()}/.local/state/tributary`;
const { port, token } = JSON.parse(readFileSync(`${folder}/daemon.json`, "utf8")) as { port: number; token: string };
const packr = new Packr({ useRecords: false });
const socket = new WebSocket(`ws://127.0.0.1:${port}/control`, { headers: { authorization: `Bearer ${token}` } });
const say = (message: object): void => socket.send(packr.pack(message));
let own: number | undefined;
let before = "";

socket.on("message", (frame: Buffer) => {
  const { type, downloads = [], list, ...message } = packr.unpack(frame) as Message;
  if (type === "hello") {
    say({ type: "hello", version: 1 });
    say({ type: "add", id: 1, downloads: [{ sources: [url], paused: true }] });
  }
  if (type === "added") {
    own = downloads[0];
    say({ type: "watch", id: 2, list: true });
  }
  for (const { id, state } of list?.rows ?? []) {
    if (id !== own || state === before) continue;
    console.log((before = state));
    if (state === "paused") say({ type: "resume", id: 3, downloads: [own] });
    if (state === "completed" || state === "failed") socket.close();
  }
  if (type === "error") throw new Error(`${String(message["code"])}: ${String(message["message"])}`);
});
