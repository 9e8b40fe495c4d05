import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Rooms that may be imported, by room; every room may import itself. Adapters are a room each, of which one is for all that dial. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  operators: [],
  errors: [],
  manifest: ["errors"],
  peers: ["operators", "manifest", "errors"],
  storage: ["operators", "manifest", "errors"],
  transfer: ["operators", "manifest", "peers", "storage", "errors"],
  download: ["operators", "manifest", "errors", "peers", "storage", "transfer"],
  protocol: ["operators", "manifest", "errors"],
  seeder: ["operators", "protocol", "manifest", "errors"],
  discovery: ["operators", "manifest", "errors", "peers", "storage", "transfer", "download", "protocol"],
  adapter: [
    "operators",
    "peers",
    "storage",
    "seeder",
    "discovery",
    "protocol",
    "control",
    "manifest",
    "errors",
    "adapters/network",
  ],
  testing: [
    ...["operators", "manifest", "errors", "peers", "storage", "transfer", "download", "protocol", "seeder"],
    ...["discovery", "adapters/memory"],
  ],
  control: ["manifest", "errors", "download", "protocol"],
  tools: [
    ...["operators", "manifest", "errors", "peers", "storage", "transfer", "download", "protocol", "seeder"],
    ...["discovery", "adapters"],
  ],
  assembly: [
    ...["operators", "manifest", "errors", "peers", "storage", "transfer", "download", "protocol", "seeder"],
    ...["discovery", "adapters", "tools", "control"],
  ],
  daemon: ["errors", "download", "protocol", "control", "adapters", "assembly"],
  door: [
    ...["operators", "manifest", "errors", "peers", "storage", "transfer", "download", "protocol", "seeder"],
    ...["discovery", "adapters", "tools", "assembly", "testing", "control", "daemon"],
  ],
  cli: ["door"],
  web: ["door"],
  examples: ["door"],
};

/** Adapters that stand on another one: WebRTC ends meet over WebSockets, and speak the same protocol. */
const above: Readonly<Record<string, readonly string[]>> = { "adapters/webrtc": ["adapters/websocket"] };

/** The packages that run anywhere, and so may be imported by rooms that have no platform. */
const everywhere: Readonly<Record<string, readonly string[]>> = {
  operators: ["rxjs"],
  errors: [],
  manifest: ["rxjs", "valibot"],
  peers: ["rxjs"],
  storage: ["rxjs", "valibot"],
  transfer: ["rxjs"],
  download: ["rxjs"],
  discovery: ["rxjs"],
  protocol: ["rxjs", "valibot", "msgpackr"],
  seeder: ["rxjs"],
  control: ["rxjs", "valibot"],
  testing: ["rxjs"],
  door: [],
};

/** The room of a file: its folder; each adapter is a room of its own, and files right under src/ are doors. */
function roomOf(file: string): string {
  const [top = "", second = "", third] = file.split("/");
  if (top !== "src") return top;
  if (third === undefined) return "door";
  return second === "adapters" ? `adapters/${third}` : second;
}

/** The row of the table that a room stands in. */
const rowOf = (room: string): string => (room.startsWith("adapters/") ? "adapter" : room);

interface Import {
  readonly from: string;
  /** A path in this project, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
}

function importsIn(file: string): readonly Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith(".")) return { from: file, to: fileName, isPackage: true };
    const to = relative(root, resolve(root, dirname(file), fileName))
      .split(sep)
      .join("/");
    return { from: file, to, isPackage: false };
  });
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((file) => !file.includes("node_modules/"));
}

/** Why an import may not be, or nothing. */
function complaint({ from, to, isPackage }: Import): string | undefined {
  const room = roomOf(from);
  if (isPackage) {
    const packages = everywhere[rowOf(room)];
    const name = to.startsWith("@") ? to.split("/").slice(0, 2).join("/") : to.split("/")[0];
    if (to.startsWith("rx-tributary")) return room === "examples" ? undefined : `${from} imports the package itself`;
    return packages === undefined || packages.includes(name ?? "") ? undefined : `${from} imports ${to}`;
  }
  const target = roomOf(to);
  if (target === room) return undefined;
  const rooms = [...(allowed[rowOf(room)] ?? []), ...(above[room] ?? [])];
  const fits = rooms.includes(target) || (rooms.includes("adapters") && target.startsWith("adapters/"));
  return fits ? undefined : `${from} imports ${to}`;
}

const files = ["operators", "src", "examples"].flatMap(filesIn);

describe("the rooms", () => {
  it("Every file of operators/ and src/ is in a room", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => !(rowOf(roomOf(file)) in allowed))).toEqual([]);
  });

  it("The rooms import only what the table allows", () => {
    expect(files.flatMap(importsIn).flatMap((each) => complaint(each) ?? [])).toEqual([]);
  });

  it("The rooms know of ports only the side that is theirs: adapters ask for no part of the pool, of progress, of transfers or of discovery", () => {
    const ports =
      /^src\/(peers\/(Peer|NamedAddress|SearchNews|copyInto|livePeers)|discovery\/(Mirror|Announced)|storage\/\w+|seeder\/\w+)\.js$/;
    const wrong = files
      .filter((file) => file.startsWith("src/adapters/"))
      .flatMap(importsIn)
      .filter(({ to }) => /^src\/(peers|discovery|storage|seeder)\//.test(to) && !ports.test(to));
    expect(wrong).toEqual([]);
  });

  it("The rooms are never asked for anything by a test's code, nor by the terminal or the page", () => {
    const reached = files.flatMap(importsIn).filter(({ from, to }) => {
      const target = roomOf(to);
      return ["cli", "web", "test", "bench"].includes(target) && target !== roomOf(from);
    });
    expect(reached).toEqual([]);
  });

  it("The doors only pass on what others made", () => {
    const doors = files.filter((file) => roomOf(file) === "door");
    const code = doors.map((file) =>
      ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest),
    );
    const own = code.flatMap(({ fileName, statements }) => (statements.every(ts.isExportDeclaration) ? [] : fileName));
    expect(own).toEqual([]);
  });
});

describe("the tests of the inner loop", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const [, glob = ""] = /--exclude "([^"]+)\*\*"/.exec(scripts["test:domain"] ?? "") ?? [];
  const apart = new RegExp(`^${glob.replaceAll("{", "(?:").replaceAll(",", "|").replaceAll("}", ")")}`);

  it("The tests of npm run test:domain start no process, with what they import", () => {
    const found = new Set(filesIn("test").filter((file) => file.endsWith(".test.ts") && !apart.test(file)));
    expect(found.size).toBeGreaterThan(100);
    for (const file of found) {
      for (const { to, isPackage } of importsIn(file)) {
        expect(`${file} imports ${to}`).not.toMatch(/ node:(?:child_process|cluster)$/);
        if (!isPackage && /^(?:test|bench)\//.test(to)) found.add(to.replace(/\.js$/, ".ts"));
      }
    }
  });
});

describe("the check of the table", () => {
  const tries = (from: string, to: string, isPackage = false): string | undefined => complaint({ from, to, isPackage });

  it.each([
    ["src/errors/DownloadError.ts", "src/manifest/hex.js"],
    ["src/manifest/hex.ts", "src/peers/Peer.js"],
    ["src/peers/PeerPool.ts", "src/storage/ChunkSink.js"],
    ["src/storage/Bitmap.ts", "src/peers/Peer.js"],
    ["src/transfer/ChunkHistory.ts", "src/download/Ledger.js"],
    ["src/download/download.ts", "src/adapters/memory/memorySink.js"],
    ["src/protocol/codec.ts", "src/peers/Peer.js"],
    ["src/seeder/Session.ts", "src/peers/Peer.js"],
    ["src/adapters/websocket/Dial.ts", "src/adapters/node/lock.js"],
    ["src/adapters/memory/memorySink.ts", "src/download/Account.js"],
    ["src/assembly/node/downloadFile.ts", "src/cli/main.js"],
    ["src/discovery/resolveFile.ts", "src/adapters/http/HttpPeer.js"],
    ["src/discovery/resolveFile.ts", "src/assembly/assemble.js"],
    ["src/tools/downloadStats.ts", "src/assembly/assemble.js"],
    ["src/download/download.ts", "src/discovery/resolveFile.js"],
    ["src/cli/main.ts", "src/download/download.js"],
    ["operators/backoff.ts", "src/errors/DownloadError.js"],
    ["src/index.ts", "src/cli/main.js"],
    ["src/download/download.ts", "test/download/swarm.js"],
    ["examples/demo/main.ts", "src/download/download.js"],
  ])("The table refuses that %s imports %s", (from, to) => {
    expect(tries(from, to)).toBe(`${from} imports ${to}`);
  });

  it.each([
    ["src/peers/PeerPool.ts", "node:timers"],
    ["operators/backoff.ts", "ws"],
    ["src/errors/DownloadError.ts", "rxjs"],
    ["src/protocol/codec.ts", "ws"],
  ])("The table refuses that %s imports the package %s", (from, to) => {
    expect(tries(from, to, true)).toBe(`${from} imports ${to}`);
  });

  it("The table knows no room for a file that stands nowhere", () => {
    expect(rowOf(roomOf("src/utils/things.ts")) in allowed).toBe(false);
  });
});
