import ts from "typescript";
import type { CodeFile } from "./CodeBase.js";

const personal = "It|They|He|She|We|You|I";
const pointing = "This|That|Those|These|What(?:ever)?|Who(?:ever|m|mever|se)?|Which";
const nobody = "Nobody|Somebody|Anybody|Everybody|One(?= (?:of|that|who|is|has|may|can) )";
const pronoun = new RegExp(`^(?:${personal}|${pointing}|${nobody}|Whether)\\b`);

interface Comment {
  readonly text: string;
  readonly isDoc: boolean;
  readonly line: number;
}

/** Doc comments whose first word is a pronoun, by their places. */
export function pronounDocs(file: CodeFile): readonly string[] {
  return commentsOf(file)
    .filter(({ isDoc, text }) => isDoc && pronoun.test(text))
    .map((comment) => placed(file, comment, comment.text));
}

/** Sentences of comments whose first word is a pronoun. */
export function pronounSentences(file: CodeFile): readonly string[] {
  return commentsOf(file).flatMap((comment) =>
    sentencesOf(comment.text)
      .filter((sentence) => pronoun.test(sentence))
      .map((sentence) => placed(file, comment, sentence)),
  );
}

function placed({ path }: CodeFile, { line }: Comment, text: string): string {
  return `${path}:${line} ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`;
}

function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=[.:;!?])\s+(?=[A-Z])|\n\s*(?:- )?\n?/).filter((sentence) => sentence !== "");
}

/** Comments as they read: without their marks, lines that belong together joined. */
function commentsOf({ syntax }: CodeFile): readonly Comment[] {
  const { text } = syntax;
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) ranges.set(range.pos, range);
    for (const range of ts.getTrailingCommentRanges(text, node.end) ?? []) ranges.set(range.pos, range);
    for (const child of node.getChildren(syntax)) visit(child);
  };
  visit(syntax);
  return [...ranges.values()].map(({ pos, end }) => {
    const written = text.slice(pos, end);
    const lines = written
      .replace(/^\/\*\*?|\*\/$/g, "")
      .split("\n")
      .map((line) => line.replace(/^\s*(?:\*|\/\/)? ?/, ""));
    const line = syntax.getLineAndCharacterOfPosition(pos).line + 1;
    return { text: joined(lines).trim(), isDoc: written.startsWith("/**"), line };
  });
}

/** Joins what is one paragraph; pictures, examples, lists and tags keep their lines. */
function joined(lines: readonly string[]): string {
  return lines.reduce((all, line) => {
    const isProse = /^\S/.test(line) && !/^(?:- |@)/.test(line) && /\S$/.test(all) && !/\n {2,}[^\n]*$/.test(all);
    return all + (isProse ? " " : "\n") + line;
  }, "");
}
