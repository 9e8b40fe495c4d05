import type { Content } from "../../test/e2e/lab/content.js";
import { metalinkOf } from "../../test/e2e/lab/metalinkOf.js";

/** One of the files that are asked for. */
interface Named {
  readonly name: string;
  readonly content: Content;
}

/** Files that are asked for together, and how each tool is told so; the name of the document comes last. */
export interface Batch {
  readonly name: string;
  readonly count: number;
  /** Of each file. */
  readonly bytes: number;
  /** How long the server takes to each answer, beside what it needs. @default 0 */
  readonly delayMs?: number;
  /** Name of the document. */
  readonly input: string;
  readonly text: (files: readonly Named[], origin: string) => string;
  readonly tributary: readonly string[];
  readonly aria2: readonly string[];
}

export const batches: readonly Batch[] = [
  {
    name: "200 files of 1 KB from a Metalink, 5 at a time",
    ...{ count: 200, bytes: 1000, input: "all.meta4", text: metalinkOfAll },
    tributary: ["-j", "5"],
    aria2: ["-j5", "-M"],
  },
  {
    name: "200 files of 1 KB from a Metalink, 5 at a time, 150 ms to each answer",
    ...{ count: 200, bytes: 1000, delayMs: 150, input: "far.meta4", text: metalinkOfAll },
    tributary: ["-j", "5"],
    aria2: ["-j5", "-M"],
  },
  {
    name: "200 files of 110 KB from a list, 8 at a time",
    ...{ count: 200, bytes: 110_000, input: "all.txt", text: listOfAll },
    tributary: ["-j", "8", "-i"],
    aria2: ["-j8", "-i"],
  },
];

function metalinkOfAll(files: readonly Named[], origin: string): string {
  const documents = files.map(({ name, content }) => metalinkOf(content, name, [`${origin}/${name}`]));
  const [head = "", ...others] = documents.map((text) => text.replace(/<\/metalink>\s*$/, ""));
  const inner = others.map((text) => text.slice(text.indexOf("  <file ")));
  return [head, ...inner, "</metalink>\n"].join("");
}

function listOfAll(files: readonly Named[], origin: string): string {
  return files.map(({ name }) => `${origin}/${name}\n`).join("");
}
