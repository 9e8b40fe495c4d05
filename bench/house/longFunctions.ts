import ts from "typescript";
import type { CodeFile } from "./CodeBase.js";
import { linesOf, walk } from "./CodeBase.js";

const mostLines = 70;

/** Functions past 70 lines; of those that stand in each other, the outermost. */
export function longFunctions({ path, syntax }: CodeFile): readonly string[] {
  const isLong = (node: ts.Node): boolean => ts.isFunctionLike(node) && linesOf(node).count > mostLines;
  return [...walk(syntax, (node) => !isLong(node))].filter(isLong).map((node) => {
    const { first, count } = linesOf(node);
    return `${path}:${first} ${nameOf(node)}, ${count} lines`;
  });
}

function nameOf(node: ts.Node): string {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const named = ts.isArrowFunction(node) || ts.isFunctionExpression(node) ? node.parent : node;
  const { name } = named as { readonly name?: ts.Node };
  return name?.getText() ?? "a function without a name";
}
