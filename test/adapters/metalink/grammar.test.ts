import { XMLParser } from "fast-xml-parser";
import fc from "fast-check";
import { expect, it } from "vitest";
import { writeMetalink } from "../../../src/adapters/metalink/writeMetalink.js";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { manifestRoot } from "../../../src/manifest/root.js";

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
  readonly text: string;
}

/** The document in its own order, which RFC 5854 leaves free, but for what is inside what. */
function parse(xml: string): Node {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    htmlEntities: true,
  });
  const [, root, ...others] = (parser.parse(xml) as Record<string, unknown>[]).map(nodeOf);
  expect(others).toEqual([]);
  if (root === undefined) throw new Error("no root element");
  return root;
}

function nodeOf(raw: Record<string, unknown>): Node {
  const { ":@": attributes = {}, ...rest } = raw;
  const [[name, content] = ["", []]] = Object.entries(rest);
  const parts = content as (Record<string, unknown> & { "#text"?: string })[];
  const text = parts.map((part) => part["#text"] ?? "").join("");
  return {
    name,
    attributes: attributes as Node["attributes"],
    children: parts.filter((part) => !("#text" in part)).map(nodeOf),
    text,
  };
}

/** RFC 5854, sections 4.1 and 4.2, as far as we write it: what an element must and may have. Pieces of an empty file have no hash. */
const grammar: Readonly<
  Record<string, { attributes: Record<string, RegExp>; children: Record<string, "?" | "*" | "+">; text?: RegExp }>
> = {
  metalink: { attributes: { xmlns: /^urn:ietf:params:xml:ns:metalink$/ }, children: { file: "+" } },
  file: { attributes: { name: /^[^/]+$/ }, children: { size: "?", hash: "*", pieces: "*", url: "+" } },
  size: { attributes: {}, children: {}, text: /^\d+$/ },
  hash: { attributes: { type: /^sha-256$/ }, children: {}, text: /^[0-9a-f]{64}$/ },
  pieces: { attributes: { length: /^[1-9]\d*$/, type: /^sha-256$/ }, children: { hash: "*" } },
  url: { attributes: { priority: /^[1-9]\d{0,5}$/ }, children: {}, text: /^[a-z]+:\/\// },
};

function check(node: Node, inside = ""): void {
  const rule = grammar[node.name];
  if (rule === undefined) throw new Error(`RFC 5854 has no element ${node.name}`);
  // A piece's hash is of the type of its pieces.
  const attributes = inside === "pieces" ? {} : rule.attributes;
  expect(Object.keys(node.attributes).sort()).toEqual(Object.keys(attributes).sort());
  for (const [name, pattern] of Object.entries(attributes)) expect(node.attributes[name]).toMatch(pattern);
  if (rule.text === undefined) expect(node.text.trim()).toBe("");
  else expect(node.text).toMatch(rule.text);
  const names = node.children.map(({ name }) => name);
  expect(names.filter((name) => !(name in rule.children))).toEqual([]);
  for (const [name, howMany] of Object.entries(rule.children)) {
    const count = names.filter((each) => each === name).length;
    if (howMany === "?") expect(count).toBeLessThanOrEqual(1);
    if (howMany === "+") expect(count).toBeGreaterThanOrEqual(1);
  }
  node.children.forEach((child) => check(child, node.name));
}

it("A metalink that is written is what the grammar of RFC 5854 allows, for any size, name and addresses", () => {
  const urls = fc.array(fc.webUrl({ withQueryParameters: true }), { minLength: 1, maxLength: 5 });
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
    .map((text) => `a${text.replaceAll("/", "_")}b`);
  fc.assert(
    fc.property(fc.nat(100), fc.integer({ min: 1, max: 50 }), name, urls, (size, chunkSize, name, urls) => {
      const cut = { size, chunkSize, digests: new Uint8Array(Math.ceil(size / chunkSize) * 32).fill(171) };
      const manifest = { ...cut, name, root: manifestRoot(cut, sha256) };
      const root = parse(writeMetalink(manifest, urls, "cd".repeat(32)));
      expect(root.name).toBe("metalink");
      check(root);
      const [file] = root.children;
      expect(file?.attributes["name"]).toBe(name);
      expect(file?.children.filter((child) => child.name === "url").map(({ text }) => text)).toEqual(urls);
      expect(file?.children.find((child) => child.name === "pieces")?.children).toHaveLength(cut.digests.length / 32);
    }),
  );
});
