import ts from "typescript";
import type { CodeFile } from "./CodeBase.js";
import { linesOf, walk } from "./CodeBase.js";

/** The name of each test; of a table of tests, the pattern of its names. */
export function testNames({ path, syntax }: CodeFile): readonly string[] {
  return [...walk(syntax)].flatMap((node) => {
    if (!ts.isCallExpression(node) || !/^(?:it|test)\b/.test(node.expression.getText())) return [];
    const [name] = node.arguments;
    if (name === undefined || !ts.isStringLiteralLike(name)) return [];
    return [`${path}:${linesOf(node).first} ${name.text}`];
  });
}

/**
 * Tells whether a name needs that of its group to be read: a sentence begins with a capital, with a word of code, such as the function that the file
 * tests, or with what a table puts there.
 */
export function isFragment(placed: string): boolean {
  const [place = "", first = ""] = placed.split(" ");
  const [tested = ""] = place.slice(place.lastIndexOf("/") + 1).split(".");
  return first !== tested && /^[a-z][a-z'’,:-]*$/.test(first);
}
