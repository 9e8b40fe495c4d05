import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../../dist/tributary.js", import.meta.url));
const parts = join(dirname(main), "tributary");

/** Words that are in the code of a library and nowhere else. */
const libraries = {
  ws: "permessage-deflate",
  msgpackr: "Unexpected end of MessagePack data",
  valibot: "~standard",
  xml: "inappropriately located doctype declaration",
  screen: "?2026h",
} as const;

/** The files that are read before the first line of `path` runs: itself, and what it imports for sure. */
function readBefore(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  const imports = readFileSync(path, "utf8").matchAll(/(?:from|import)\s?"(\.{1,2}\/[^"]+)"/g);
  for (const [, to = ""] of imports) readBefore(join(dirname(path), to), found);
  return found;
}

function codeOf(files: Iterable<string>): string {
  return Array.from(files, (file) => readFileSync(file, "utf8")).join("\n");
}

function librariesIn(files: Iterable<string>): readonly string[] {
  const code = codeOf(files);
  return Object.entries(libraries).flatMap(([name, words]) => (code.includes(words) ? [name] : []));
}

function partOf(command: string): string {
  const name = readdirSync(parts).find((file) => file.startsWith(`${command}-`));
  return join(parts, name ?? "none");
}

describe("the command, when it starts", () => {
  it("The command, when it starts, reads no library before it knows what to do", () => {
    expect(librariesIn(readBefore(main))).toEqual([]);
  });

  it("The command, when it starts, reads neither XML, MessagePack, WebSockets, schemas nor the screen's code for a plain get", () => {
    expect(librariesIn(readBefore(partOf("get")))).toEqual([]);
  });

  it("The command, when it starts, reads nothing of what downloads before it knows what to do", () => {
    expect(codeOf(readBefore(main))).not.toContain("ChunkAssembly");
    expect(codeOf(readBefore(partOf("get")))).toContain("ChunkAssembly");
  });

  it("The command reads few files, when it starts and for a plain get, and not a file for each thing that several commands need", () => {
    expect(Array.from(readBefore(main), (file) => basename(file))).toEqual(["tributary.js", "start.js"]);
    expect(readBefore(partOf("get")).size).toBe(4);
  });

  it("The command has what it needs later in parts that are read later", () => {
    const all = readdirSync(parts).map((file) => join(parts, file));
    expect(librariesIn(all)).toEqual(Object.keys(libraries));
  });
});
