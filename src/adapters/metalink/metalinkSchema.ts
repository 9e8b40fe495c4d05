import * as v from "valibot";

/** The namespace of Metalink 4: RFC 5854, section 2. */
export const metalinkNamespace = "urn:ietf:params:xml:ns:metalink";

const schemes = new Set(["http:", "https:", "ws:", "wss:"]);

/** Whether an address is one that we speak. */
export function isSpoken(url: string): boolean {
  return URL.canParse(url) && schemes.has(new URL(url).protocol);
}

/** An element's text, whether or not it has attributes. */
const text = v.pipe(
  v.union([
    v.string(),
    v.pipe(
      v.object({ "#text": v.optional(v.string(), "") }),
      v.transform((element) => element["#text"]),
    ),
  ]),
  v.trim(),
);

/** Digits only: no sign, no fraction, no exponent, and small enough to be exact. */
const wholeNumber = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^\d{1,16}$/, "expected a whole number"),
  v.transform(Number),
  v.safeInteger(),
);

const hashType = v.pipe(v.string(), v.trim(), v.toLowerCase());

const pieces = v.object({
  "@type": hashType,
  "@length": wholeNumber,
  hash: v.optional(v.array(text), []),
});

/** A hash of the whole file. One without a type cannot be checked. */
const hash = v.pipe(
  v.union([v.string(), v.object({ "#text": v.optional(v.string(), ""), "@type": v.optional(hashType) })]),
  v.transform((element) =>
    typeof element === "string"
      ? { type: undefined, hex: element.trim() }
      : { type: element["@type"], hex: element["#text"].trim() },
  ),
);

const url = v.pipe(
  v.union([v.string(), v.object({ "#text": v.optional(v.string(), ""), "@priority": v.optional(wholeNumber) })]),
  v.transform((element) =>
    typeof element === "string"
      ? { url: element.trim(), priority: undefined }
      : { url: element["#text"].trim(), priority: element["@priority"] },
  ),
);

/** What we read of a `file` element, as the XML parser gives it. */
export const fileSchema = v.object({
  "@name": v.string(),
  size: v.optional(v.pipe(text, wholeNumber)),
  hash: v.optional(v.array(hash), []),
  // An element without content or attributes is parsed as an empty string.
  pieces: v.optional(
    v.array(
      v.union([
        pieces,
        v.pipe(
          v.literal(""),
          v.transform(() => undefined),
        ),
      ]),
    ),
    [],
  ),
  url: v.optional(v.array(url), []),
});

export type FileElement = v.InferOutput<typeof fileSchema>;
