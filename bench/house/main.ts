/** `npm run house -- [PATH]`: how large the code is, and where it breaks the rules of the house. */
import { resolve } from "node:path";
import ts from "typescript";
import { benchCommand } from "../benchCommand.js";
import { circles } from "./circles.js";
import type { CodeFile } from "./CodeBase.js";
import { linesOf, readCode, walk } from "./CodeBase.js";
import { pronounDocs, pronounSentences } from "./comments.js";
import { longFunctions } from "./longFunctions.js";
import { isFragment, testNames } from "./testNames.js";

const command = benchCommand("house", "how large the code is, and where it breaks the rules of the house")
  .argument("[path]", "another checkout", ".")
  .option("--list", "name every place, also where there are many")
  .option("--only <room>", "this room alone, such as src/transfer")
  .parse();
const [path = "."] = command.processedArgs as readonly string[];
const { list = false, only } = command.opts<{ readonly list?: boolean; readonly only?: string }>();

const root = resolve(path);
const all = readCode(root, ["operators", "src"]);
const files = all.filter(({ room }) => only === undefined || room === only);
const tests = readCode(root, ["test"]);
const others = [...readCode(root, ["bench", "examples"]), ...tests];

/** Fewer places than this are named without being asked for. */
const few = 25;

function tell(what: string, places: readonly string[]): void {
  console.log(`${String(places.length).padStart(6)}  ${what}`);
  if (list || places.length < few) for (const place of places) console.log(`        ${place}`);
}

function tellSizes(): void {
  const rooms = new Map<string, { files: number; lines: number }>();
  for (const { room, lines } of [...files, ...(only === undefined ? others : [])]) {
    const size = rooms.get(room) ?? { files: 0, lines: 0 };
    rooms.set(room, { files: size.files + 1, lines: size.lines + lines });
  }
  for (const [room, { files: count, lines }] of rooms) {
    console.log(`${String(count).padStart(6)} files${String(lines).padStart(8)} lines  ${room}`);
  }
}

/** Short files that have one importer, where that is not a door of the package, and that are none of a family. */
function lonelyFiles(): readonly string[] {
  const importers = new Map<string, string[]>();
  for (const { path, imports } of all) {
    for (const to of new Set(imports)) importers.set(to, [...(importers.get(to) ?? []), path]);
  }
  return files.flatMap(({ path, lines }) => {
    const [importer, ...more] = importers.get(path) ?? [];
    if (importer === undefined || more.length > 0 || lines >= 25 || isDoor(importer) || isOfFamily(path)) return [];
    return [`${path}, ${lines} lines, for ${importer}`];
  });
}

/** Files of one kind stand each by itself, however short: three or more in a folder whose names begin or end with the same word, or one for each platform. */
function isOfFamily(path: string): boolean {
  const at = path.lastIndexOf("/") + 1;
  const [folder, name] = [path.slice(0, at), path.slice(at)];
  const words = wordsOf(name);
  const isLike = (other: string): boolean => {
    const others = wordsOf(other.slice(folder.length));
    return others[0] === words[0] || others.at(-1) === words.at(-1);
  };
  const siblings = all.filter((file) => file.path.startsWith(folder) && !file.path.slice(folder.length).includes("/"));
  const twins = all.filter((file) => file.path !== path && file.path.endsWith(`/${name}`));
  return siblings.filter((file) => isLike(file.path)).length >= 3 || twins.length > 0;
}

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/\.ts$/, "")
    .split(/(?=[A-Z])/)
    .map((word) => word.toLowerCase());

const isDoor = (path: string): boolean => /^src\/[^/]+$/.test(path);

/** Calls of `toDownloadError` outside the file that makes it. */
function conversions({ path, syntax }: CodeFile): readonly string[] {
  return [...walk(syntax)].flatMap((node) => {
    const isCall = ts.isCallExpression(node) && node.expression.getText() === "toDownloadError";
    return isCall ? [`${path}:${linesOf(node).first}`] : [];
  });
}

tellSizes();
tell("functions of more than 70 lines", files.flatMap(longFunctions));
tell(
  "circles of imports",
  circles(files).map((circle) => circle.join(" ")),
);
tell("files of fewer than 25 lines that one other file imports", lonelyFiles());
tell("calls of toDownloadError", files.flatMap(conversions));
tell("doc comments that begin with a pronoun", files.flatMap(pronounDocs));
tell("sentences in comments that begin with a pronoun", files.flatMap(pronounSentences));
const names = only === undefined ? tests.flatMap(testNames) : [];
if (only === undefined) tell(`of ${names.length} test names that are fragments`, names.filter(isFragment));
