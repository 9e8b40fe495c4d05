import * as v from "valibot";
import type { Element } from "./scanFiles.js";

/** The namespace of Metalink 4: RFC 5854, section 2. */
export const metalinkNamespace = "urn:ietf:params:xml:ns:metalink";

/** True when the scheme of an address is one that peers or mirrors are asked by: http, https, ws or wss. */
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

/** A whole number that only helps: one that cannot be read is as if it was not there. */
const anyNumber = v.fallback(v.optional(wholeNumber), undefined);

/** The number that a text is; nothing where it is none. */
export function wholeNumberIn(text: string | undefined): number | undefined {
  return v.parse(anyNumber, text);
}

/** The parts of a `file` element that are read. */
const fileSchema = v.object({
  name: v.string(),
  size: v.pipe(
    v.array(v.string()),
    v.maxLength(1, "expected one"),
    v.transform(([size]) => size),
  ),
  /** Digests of the whole file. One without a type cannot be checked. */
  hash: v.array(v.object({ type: v.optional(v.string()), hex: v.string() })),
  /** A number, which Metalink 3 gives each, says which piece it is of. */
  pieces: v.array(
    v.object({
      type: v.string(),
      length: wholeNumber,
      hash: v.array(v.object({ piece: anyNumber, hex: v.string() })),
    }),
  ),
  /** 1 is the best priority (Metalink 4), 100 the best preference (Metalink 3). In the latter a type may say that the address is that of a torrent. */
  url: v.array(v.object({ url: v.string(), type: v.optional(v.string()), priority: anyNumber, preference: anyNumber })),
});

export type FileElement = v.InferOutput<typeof fileSchema>;

/** The parts of a `file` element, or the first that is wrong, and why. */
export function parseFileElement({ attributes, children }: Element): FileElement | { readonly wrong: string } {
  const nested = children.filter(({ name }) => name === "verification" || name === "resources");
  const all = [...children, ...nested.flatMap((element) => element.children)];
  const named = (name: string): readonly Element[] => all.filter((child) => child.name === name);
  const parsed = v.safeParse(fileSchema, {
    name: attributes["name"],
    size: named("size").map(textOf),
    hash: named("hash").map((hash) => ({ type: hash.attributes["type"], hex: textOf(hash) })),
    pieces: named("pieces")
      .filter(isUsed)
      .map((pieces) => ({
        ...pieces.attributes,
        hash: pieces.children.map((hash) => ({ ...hash.attributes, hex: textOf(hash) })),
      })),
    url: named("url").map((url) => ({ ...url.attributes, url: textOf(url) })),
  });
  if (parsed.success) return parsed.output;
  const { message, path } = parsed.issues[0];
  return { wrong: `${path?.map(({ key }) => String(key)).join(".") ?? "whole"}: ${message}` };
}

const textOf = ({ text }: Element): string => text.trim();

function isUsed({ attributes, children }: Element): boolean {
  return Object.keys(attributes).length > 0 || children.length > 0;
}
