import { toHex } from "../../manifest/hex.js";
import { rootKey } from "../network/rootKey.js";

/** Hex digits of the key of a root. */
const digits = 16;
const keysInText = 14;
const texts = 4;

/** The texts of a service (DNS-SD, at most 255 bytes each): the beginnings of the keys of its files, and `more` when there are others, too. */
export function fileTexts(roots: ReadonlySet<string>): Readonly<Record<string, string>> {
  const keys = Array.from(roots, keyOf);
  const parts = Array.from({ length: texts }, (_, n) => keys.slice(n * keysInText, (n + 1) * keysInText));
  const full = parts.map((part, n): [string, string] => [`f${n}`, part.join(",")]);
  const more: [string, string][] = keys.length > texts * keysInText ? [["more", "1"]] : [];
  return Object.fromEntries([...full.filter(([, text]) => text !== ""), ...more]);
}

/** True when a service of these texts may have the file; they are a stranger's. */
export function mayHave(told: unknown, root: string): boolean {
  const entries = Object.entries(Object(told) as Readonly<Record<string, unknown>>);
  const key = keyOf(root);
  return entries.some(([name, text]) => {
    if (name === "more") return true;
    return /^f\d$/.test(name) && typeof text === "string" && text.split(",").includes(key);
  });
}

const keyOf = (root: string): string => toHex(rootKey(root)).slice(0, digits);
