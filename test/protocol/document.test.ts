import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { httpDefaults } from "../../src/adapters/http/HttpPeerOptions.js";
import { peerDefaults } from "../../src/adapters/websocket/PeerOptions.js";
import { serveDefaults } from "../../src/adapters/websocket/ServeWebSocketConfig.js";
import { encodeDataHead, encodeMessage } from "../../src/protocol/codec.js";
import { clientSchemas, rendezvousSchemas, serverSchemas } from "../../src/protocol/messages.js";
import { seederDefaults } from "../../src/seeder/SeederConfig.js";

const document = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

/** The bytes of an example: the hex before the comments, which stand behind two spaces. */
function example(name: string): string {
  const block = new RegExp("```hex " + name + "\\n([\\s\\S]*?)```").exec(document)?.[1] ?? "";
  return block
    .split("\n")
    .map((line) => line.trim().split("  ")[0]?.replaceAll(" ", "") ?? "")
    .join("");
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

it("The protocol's document shows the bytes that are sent", () => {
  const request = {
    type: "get-chunk",
    id: 1,
    root: "ab".repeat(32),
    index: 3,
    offset: 65_536,
    length: 196_608,
    dataBytes: 16_384,
  } as const;
  expect(example("get-chunk")).toBe(hex(encodeMessage(request)));
  expect(example("data")).toBe(hex(encodeDataHead({ id: 1, offset: 65_536, length: 5 })) + hex(Buffer.from("Hello")));
  const root = "ab".repeat(32);
  expect(example("serving")).toBe(hex(encodeMessage({ type: "serving", root, port: 7001 })));
  const places = ["ws://192.0.2.7:7001", "wss://[2001:db8::7]:7001"];
  expect(example("peers")).toBe(hex(encodeMessage({ type: "peers", root, places })));
  expect(example("end")).toBe(hex(encodeMessage({ type: "end", id: 1 })));
});

it("The protocol's document tells of every message and every limit", () => {
  for (const type of [
    ...Object.keys(clientSchemas),
    ...Object.keys(serverSchemas),
    ...Object.keys(rendezvousSchemas),
  ]) {
    expect(document).toContain(`\`${type}\``);
  }
  for (const limit of [...Object.keys(seederDefaults), ...Object.keys(peerDefaults)]) {
    expect(document).toContain(`\`${limit}\``);
  }
});

/** `@default` of each documented member of an options interface. */
function documented(file: string): Map<string, string> {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");
  const members = source.matchAll(/@default ([^*]+?)\s+\*\/\s+readonly (\w+)\?:/g);
  return new Map(Array.from(members, ([, value = "", name = ""]) => [name, value]));
}

it.each([
  ["seeder/SeederConfig.ts", seederDefaults],
  ["adapters/websocket/WebSocketPeersOptions.ts", peerDefaults],
  ["adapters/http/HttpPeersOptions.ts", httpDefaults],
  ["adapters/websocket/ServeWebSocketConfig.ts", serveDefaults],
])("The defaults that %s documents are those that it uses", (file, defaults) => {
  const said = documented(file);
  for (const [name, value] of Object.entries(defaults))
    expect([name, said.get(name)]).toEqual([name, JSON.stringify(value)]);
});
