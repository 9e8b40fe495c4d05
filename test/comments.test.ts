import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Openings whose subject stands elsewhere: pronouns, and words of number and identity without a noun of their own. */
const pronoun =
  /^(?:wh(?:at|o|om|ose|oever|atever|ether)|this|that|these|those|such|it|its|they|their|he|she|we|ours?|(?:no|any|every|some)(?:body|one|thing)|both|some|the (?:same|latter|former)|of|(?:so|as) (?:many|much))\b/i;
const bare =
  /^(?:all|any|each|one|none|several|few|many)(?: (?:of|that|who|which|as|is|are|has|have|may|can|together)\b| `|[.,:;]|$)/i;

/** The text of a doc comment without its stars. */
const textOf = (comment: string): string => comment.replace(/^\s*\* ?/gm, "").trim();

const hasNoSubject = (text: string): boolean => pronoun.test(text) || bare.test(text);

/** Doc comments of a file that have no subject, as `file:line: text`. */
function complaints(file: string): readonly string[] {
  const code = readFileSync(join(root, file), "utf8");
  return [...code.matchAll(/\/\*\*([^]*?)\*\//g)].flatMap(({ index, 1: comment = "" }) => {
    const text = textOf(comment);
    const line = code.slice(0, index).split("\n").length;
    return hasNoSubject(text) ? `${file}:${line}: ${text.slice(0, 80)}` : [];
  });
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

describe("the doc comments", () => {
  it("Every doc comment of operators/ and src/ begins with what it speaks of, not with a pronoun", () => {
    const files = ["operators", "src"].flatMap(filesIn);
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(complaints)).toEqual([]);
  });

  it("No line of a comment is longer than 160 characters, unless it is drawn", () => {
    const files = ["bench", "examples", "operators", "src", "test"].flatMap(filesIn);
    const isDrawn = (line: string): boolean => /[─│┌└]/.test(line);
    const long = files.flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .flatMap((line, at) =>
          line.length > 160 && /^\s*(?:\/?\*|\/\/)/.test(line) && !isDrawn(line) ? `${file}:${at + 1}` : [],
        ),
    );
    expect(long).toEqual([]);
  });

  it.each([
    "Whether the peer has the chunk.",
    "The same by TLS.",
    "Nobody waits for it any more.",
    "These chunks are asked of others.",
    "Of all chunks, one after the other.",
    "All of it as plain data.",
    "All that follows from one failure.",
    "Each as `ws://host:port`.",
    "One that failed is asked anew.",
  ])("A doc comment that begins so is refused: %s", (text) => {
    expect(hasNoSubject(text)).toBe(true);
  });

  it.each([
    "True when the peer has the chunk.",
    "Dial options for TLS.",
    "All peers as they stand.",
    "Any thrown value as a `DownloadError`.",
    "Each rule says what is wrong with the names it matches.",
    "One attempt while it runs.",
    "Itself, or an error with its code.",
  ])("A doc comment that begins so is let through: %s", (text) => {
    expect(hasNoSubject(text)).toBe(false);
  });
});
