import type { Announced } from "../../protocol/Announced.js";
import { isMetalinkType } from "../../protocol/isMetalinkType.js";
import { type Digest, digestFromBase64, digestFromHex } from "../../manifest/Digest.js";
import { hashTypeOf } from "../../manifest/HashType.js";
import type { AnswerFields, HttpAnswer } from "./HttpAnswer.js";
import { type Link, linksIn } from "./linksIn.js";

/** Links of no priority are the last (RFC 6249, section 3.1). */
const lastPriority = 999_999;

/**
 * The announcements of an answer, and of redirects that led to it, of the file at their end, which has `size` bytes; nothing where there are none.
 * A redirector that knows its mirrors (MirrorBrain), or its store (the Hugging Face hub), tells with the redirect.
 */
export function announcedIn(answer: HttpAnswer, size: number | undefined): Announced | undefined {
  const { via = [] } = answer;
  const all = [...via, answer];
  const links = all.flatMap((fields) => linksOf(fields));
  const told = [...via.flatMap((fields) => [...digestField(fields), ...linkedTag(fields, size)]), ...digestsOf(answer)];
  const digests = told.filter(({ type, bytes }, at) => {
    const same = told.filter((other) => other.type === type);
    // Two that contradict each other tell nothing.
    return told.findIndex((other) => other.type === type) === at && same.every((other) => areSame(other.bytes, bytes));
  });
  const duplicates = links
    .filter((link) => hasRelation(link, "duplicate"))
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map(({ target }) => target);
  const describedBy = links.filter(isMetalinkOf).map(({ target }) => target);
  if (digests.length + duplicates.length + describedBy.length === 0) return undefined;
  return { digests, duplicates: [...new Set(duplicates)], describedBy: [...new Set(describedBy)] };
}

/** The links of what was asked for, with absolute targets; those of something else say so. */
function linksOf({ url, headers }: AnswerFields): readonly Link[] {
  return linksIn(headers["link"] ?? "").flatMap(({ target, params }) => {
    if (params["anchor"] !== undefined || !URL.canParse(target, url)) return [];
    const at = new URL(target, url);
    // A stranger's secrets are not ours to send.
    at.username = at.password = at.hash = "";
    return [{ target: at.href, params }];
  });
}

function hasRelation({ params: { rel = "" } }: Link, relation: string): boolean {
  return rel.toLowerCase().split(/\s+/).includes(relation);
}

function isMetalinkOf(link: Link): boolean {
  return hasRelation(link, "describedby") && isMetalinkType(link.params["type"]);
}

/** Links that the server prefers come first, the others by priority: 1 is the best. */
function rankOf({ params: { pri = "", pref } }: Link): number {
  const priority = /^\d{1,6}$/.test(pri) ? Number(pri) : lastPriority;
  return priority - (pref === undefined ? 0 : lastPriority + 1);
}

/**
 * Digests that the final answer tells of: `Content-Digest` is of what it carries, which is the file where that is the whole; the others are of the
 * file in any case.
 */
function digestsOf(answer: HttpAnswer): readonly Digest[] {
  const { headers, status } = answer;
  const ofContent = status === 200 ? structuredDigests(headers["content-digest"]) : [];
  return [...structuredDigests(headers["repr-digest"]), ...digestField(answer), ...ofContent];
}

/** `sha-256=:BASE64:`, several with commas between them (RFC 9530). */
function structuredDigests(field = ""): readonly Digest[] {
  return field.split(",").flatMap((part) => {
    const [, name, base64] = /^\s*([\w-]+)\s*=\s*:([\w+/=-]*):/.exec(part) ?? [];
    return digestNamed(name, base64);
  });
}

/** `SHA-256=BASE64`, several with commas between them (RFC 3230). Of a redirect it is that of what it leads to, as aria2 takes it. */
function digestField({ headers }: AnswerFields): readonly Digest[] {
  return (headers["digest"] ?? "").split(",").flatMap((part) => {
    const [, name, base64] = /^\s*([\w-]+)\s*=\s*([\w+/-]+=*)\s*$/.exec(part) ?? [];
    return digestNamed(name, base64);
  });
}

function digestNamed(name = "", base64 = ""): readonly Digest[] {
  const type = hashTypeOf(name);
  const digest = type && digestFromBase64(type, base64);
  return digest ? [digest] : [];
}

/** The ETag of the Hugging Face hub's store, which stands on the redirect there: for large files the SHA-256. */
function linkedTag({ headers }: AnswerFields, size: number | undefined): readonly Digest[] {
  const told = headers["x-linked-size"];
  if (told !== undefined && size !== undefined && told.trim() !== String(size)) return [];
  const [, hex = ""] = /^"?([0-9a-f]{64})"?$/.exec(headers["x-linked-etag"]?.trim() ?? "") ?? [];
  const digest = digestFromHex("sha-256", hex);
  return digest ? [digest] : [];
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
