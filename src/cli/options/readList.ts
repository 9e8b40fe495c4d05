import { downloadAll } from "../../node.js";
import { UsageError } from "../UsageError.js";
import { readText } from "./readText.js";
import { aChecksum } from "./takeSources.js";
import type { NamedFile } from "./takeText.js";

/** The longest list, bytes: some hundred thousand files. */
const mostBytes = 64 * 1024 * 1024;

/** Options of one file in a list, as aria2 names them. */
const known = ["out", "dir", "checksum"] as const;
type Name = (typeof known)[number];

/** An entry of a list as it is typed: all of it is words. */
export interface TypedEntry extends Partial<Readonly<Record<Name, string>>> {
  readonly sources: readonly string[];
  readonly select?: readonly string[];
}

interface Entry {
  readonly where: string;
  readonly sources: readonly string[];
  readonly options: Partial<Record<Name, string>>;
}

/**
 * The files of a list, at a path or from stdin (`-`), as aria2 reads it: one file a line, its mirrors separated by tabs; lines that begin with white space are
 * options of the file above, `out=`, `dir=` and `checksum=`; empty lines, and those that begin with `#`, say nothing.
 */
export async function readList(file: NamedFile): Promise<readonly TypedEntry[]> {
  const isStdin = file.path === "-";
  const list = await readText(isStdin ? { ...file, path: "/dev/stdin" } : file, { maxBytes: mostBytes });
  return parseList(list, isStdin ? "stdin" : file.path);
}

/** @throws UsageError that names the line. */
export function parseList(list: string, name: string): readonly TypedEntry[] {
  const entries: Entry[] = [];
  for (const [n, line] of list.split(/\r?\n/).entries()) {
    const where = `line ${n + 1} of ${name}`;
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (/^\s/.test(line)) takeOption(entries.at(-1), line.trim(), where);
    else entries.push({ where, sources: line.split("\t").map(trimmed).filter(Boolean), options: {} });
  }
  if (entries.length === 0) throw new UsageError(`${name} names no file; it must have the address of one a line`);
  return entries.map(({ where, sources, options }) => {
    const entry = { sources, ...options };
    checkEntry(entry, where);
    return entry;
  });
}

/** Holds an entry to what it may be while its line is known. */
function checkEntry(entry: TypedEntry, where: string): void {
  if (entry.checksum !== undefined) aChecksum(entry.checksum, `${where}: checksum`);
  try {
    downloadAll([entry]);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(`${where}: ${error.message}`);
    throw error;
  }
}

const trimmed = (word: string): string => word.trim();

function takeOption(entry: Entry | undefined, line: string, where: string): void {
  const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
  if (entry === undefined)
    throw new UsageError(`${where} begins with white space, which is for options of a file above it; there is none`);
  if (!isKnown(name)) {
    const wrong = name === "" ? JSON.stringify(line) : JSON.stringify(name);
    throw new UsageError(
      `${where} is option ${wrong}; a file in a list has only ${known.join(", ")}, each as NAME=VALUE`,
    );
  }
  if (value === "") throw new UsageError(`${where} gives no value to ${name}`);
  entry.options[name] = value;
}

function isKnown(name: string): name is Name {
  return known.some((one) => one === name);
}
