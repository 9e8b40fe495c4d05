import { isIP } from "node:net";
import { wrongValue } from "../UsageError.js";
import type { Reader } from "./OptionRow.js";

/** Reads any text but an empty one; `must` says what it is. */
export function someText(must: string): Reader {
  return (text, called) => {
    if (text.trim() !== "") return text;
    throw wrongValue(called, text, must);
  };
}

/** Reads one of some words. */
export function oneOf(words: readonly string[]): Reader {
  return (text, called) => {
    if (words.includes(text)) return text;
    throw wrongValue(called, text, `one of ${words.join(", ")}`);
  };
}

export const aFolder = someText("the path of a folder");
export const aFileName = someText("the name of a file");
export const aFile = someText("the path of a file");

/** Reads where to listen. What has four numbers is meant as an address, and never the name of a host. */
export function anAddress(text: string, called: string): string {
  const isWrong = /^\d+(?:\.\d+){3}$/.test(text) && isIP(text) === 0;
  if (text.trim() !== "" && !isWrong) return text;
  throw wrongValue(called, text, "a name or an address of this machine");
}

/** A file whose text a command reads. */
export interface NamedFile {
  readonly path: string;
  /** Name of what names it. */
  readonly called: string;
  /** Words for what it must be. */
  readonly must: string;
}

/** A file that holds what `holds` says. */
export function textFile(holds: string): Reader {
  const must = `the path of a file with ${holds}`;
  const read = someText(must);
  return (text, called): NamedFile => {
    read(text, called);
    return { path: text, called, must };
  };
}

/** Reads the option that names a list; what is in it is read by `readList`, which knows all of a download. */
export const aList = textFile("the address of one file a line, or - for stdin");
