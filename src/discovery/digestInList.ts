import { DownloadError } from "../errors/DownloadError.js";
import { type Digest, digestFromHex } from "../manifest/Digest.js";
import { bestOf, type HashType, hashTypeOf, hashTypes } from "../manifest/HashType.js";

interface Entry extends Digest {
  readonly name: string;
}

/** As `sha256sum` writes it, in binary mode too; a backslash says that the name has escapes. */
const gnu = /^(\\?)([0-9a-f]+) [ *]?(.+)$/i;
/** As `sha256sum --tag`, `shasum --tag` and the BSDs write it, and `openssl dgst`. */
const bsd = /^(\\?)([\w-]+) ?\((.+)\) ?= ?([0-9a-f]+)$/i;

const namesShown = 10;

/**
 * The digest of a file in a list such as SHA256SUMS, by the first of its names that the list has; a name in a folder counts by its last part, where none is
 * the same. Other lines than those of digests are passed over: comments, signatures.
 *
 * @throws DownloadError `FILE_NOT_FOUND`, which names what the list, called `title`, has.
 */
export function digestInList(text: string, names: readonly string[], title: string): Digest {
  const entries = text.split(/\r?\n/).flatMap((line) => entryIn(line) ?? []);
  const named = (nameOf: (entry: Entry) => string): readonly Entry[] =>
    names.map((name) => entries.filter((entry) => nameOf(entry) === name)).find(({ length }) => length > 0) ?? [];
  const exact = named(({ name }) => name.replace(/^\.\//, ""));
  const found = bestOf(exact.length > 0 ? exact : named(({ name }) => lastPart(name)));
  if (found !== undefined) return { type: found.type, bytes: found.bytes };
  const wanted = names.map((name) => JSON.stringify(name.slice(0, 80))).join(" nor ");
  const others = entries.slice(0, namesShown).map(({ name }) => JSON.stringify(name.slice(0, 80)));
  const more = entries.length > namesShown ? ` and ${entries.length - namesShown} more` : "";
  const has = others.length === 0 ? "it has no digests" : `it has ${others.join(", ")}${more}`;
  throw new DownloadError("FILE_NOT_FOUND", `${title} has no digest of ${wanted}, ${has}`);
}

function entryIn(line: string): Entry | undefined {
  const [, tagEscape = "", tag = "", tagged = "", taggedHex = ""] = bsd.exec(line) ?? [];
  if (tag !== "") return entryOf(hashTypeOf(tag.replace(/^sha2-/i, "sha-")), taggedHex, tagged, tagEscape);
  const [, escape = "", hex = "", name = ""] = gnu.exec(line) ?? [];
  return entryOf(typeOfLength(hex.length), hex, name, escape);
}

function entryOf(type: HashType | undefined, hex: string, name: string, escape: string): Entry | undefined {
  const digest = type === undefined ? undefined : digestFromHex(type, hex);
  return digest && { ...digest, name: escape === "" ? name : unescaped(name) };
}

/** Lists of this form do not say which function they are of. */
function typeOfLength(digits: number): HashType | undefined {
  const types = Object.keys(hashTypes) as readonly HashType[];
  return types.find((type) => 2 * hashTypes[type].bytes === digits);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r" };

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char);
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
