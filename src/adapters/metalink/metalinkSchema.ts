import * as v from "valibot";
import type { Element } from "./scanFiles.js";

/** The namespace of Metalink 4: RFC 5854, section 2. */
export const metalinkNamespace = "urn:ietf:params:xml:ns:metalink";

/** Whether an address is one that we speak. */
export function isSpoken(url: string): boolean {
  return /^(?:https?|wss?):/i.test(url) && URL.canParse(url);
}

/** Digits only: no sign, no fraction, no exponent, and small enough to be exact. */
const wholeNumber = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^\d{1,16}$/, "expected a whole number"),
  v.transform(Number),
  v.safeInteger(),
);

const hashType = v.pipe(v.string(), v.trim(), v.toLowerCase());

/** The parts of a `file` element that are read. */
const fileSchema = v.object({
  name: v.string(),
  size: v.pipe(
    v.array(wholeNumber),
    v.maxLength(1, "expected one"),
    v.transform(([size]) => size),
  ),
  /** Of the whole file. One without a type cannot be checked. */
  hash: v.array(v.object({ type: v.optional(hashType), hex: v.string() })),
  pieces: v.array(v.object({ type: hashType, length: wholeNumber, hash: v.array(v.string()) })),
  url: v.array(v.object({ url: v.string(), priority: v.optional(wholeNumber) })),
});

export type FileElement = v.InferOutput<typeof fileSchema>;

/** The parts of a `file` element, or the first that is wrong, and why. */
export function parseFileElement({ attributes, children }: Element): FileElement | { readonly wrong: string } {
  const named = (name: string): readonly Element[] => children.filter((child) => child.name === name);
  const parsed = v.safeParse(fileSchema, {
    name: attributes["name"],
    size: named("size").map(textOf),
    hash: named("hash").map((hash) => ({ type: hash.attributes["type"], hex: textOf(hash) })),
    pieces: named("pieces")
      .filter(isUsed)
      .map((pieces) => ({ ...pieces.attributes, hash: pieces.children.map(textOf) })),
    url: named("url").map((url) => ({ url: textOf(url), priority: url.attributes["priority"] })),
  });
  if (parsed.success) return parsed.output;
  const { message, path } = parsed.issues[0];
  return { wrong: `${path?.map(({ key }) => String(key)).join(".") ?? "whole"}: ${message}` };
}

const textOf = ({ text }: Element): string => text.trim();

function isUsed({ attributes, children }: Element): boolean {
  return Object.keys(attributes).length > 0 || children.length > 0;
}
