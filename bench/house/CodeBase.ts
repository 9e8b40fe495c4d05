import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

/** One file of TypeScript, parsed. */
export interface CodeFile {
  /** From the root of the checkout, with slashes. */
  readonly path: string;
  /** `operators`, `src/transfer`, `src/adapters/http`, `src` for the doors; the first folder of a test. */
  readonly room: string;
  readonly lines: number;
  readonly syntax: ts.SourceFile;
  /** The files of the checkout that it imports or passes on; types too. */
  readonly imports: readonly string[];
}

/** All files of TypeScript under these folders of a checkout. */
export function readCode(root: string, folders: readonly string[]): readonly CodeFile[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.includes("node_modules/"))
    .sort()
    .map((path) => readFile(root, path));
}

function readFile(root: string, path: string): CodeFile {
  const text = readFileSync(join(root, path), "utf8");
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) =>
      relative(root, resolve(root, dirname(path), name))
        .split(sep)
        .join("/")
        .replace(/\.js$/, ".ts"),
    );
  return { path, room: roomOf(path), lines: text.split("\n").length - 1, syntax, imports };
}

function roomOf(path: string): string {
  const folders = path.split("/").slice(0, -1);
  return folders.slice(0, folders[1] === "adapters" ? 3 : 2).join("/");
}

/** The lines that a piece of code is written on, and the first of them. */
export function linesOf(node: ts.Node): { readonly first: number; readonly count: number } {
  const syntax = node.getSourceFile();
  const first = syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line;
  return { first: first + 1, count: syntax.getLineAndCharacterOfPosition(node.end).line - first + 1 };
}

/** A node and all that is in it, from the outside in; what is in a node that `enter` refuses is left out. */
export function* walk(node: ts.Node, enter: (node: ts.Node) => boolean = () => true): Generator<ts.Node, void> {
  yield node;
  if (!enter(node)) return;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* walk(child, enter);
}
