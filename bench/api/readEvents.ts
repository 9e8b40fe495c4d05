import ts from "typescript";

/** One field of an event, as its declaration has it. */
export interface EventField {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  /** Its doc comment; empty where it has none. */
  readonly text: string;
}

/** One type of event. */
interface EventType {
  readonly type: string;
  /** When it is said, by the doc comment of its member of the union; empty where there is none. */
  readonly text: string;
  /** All but `type`, and those that every event of the union has. */
  readonly fields: readonly EventField[];
}

/** A union of events. */
export interface EventUnion {
  readonly text: string;
  readonly events: readonly EventType[];
  /** Fields that every event has. */
  readonly common: readonly EventField[];
}

/** The events of a union that a module exports, in the order of their declarations. */
export function readEvents(program: ts.Program, file: string, name: string): EventUnion {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const found = module && checker.getExportsOfModule(module).find((each) => each.name === name);
  if (found === undefined) throw new Error(`${file} exports no ${name}; npm run build makes it`);
  const alias = aliasOf(checker, found);
  const parts = ts.isIntersectionTypeNode(alias.type) ? alias.type.types : [alias.type];
  const [union = alias.type, ...shared] = parts;
  return {
    text: commentOf(alias),
    events: membersOf(checker, union, union).map(({ node, text }) => eventOf(checker, node, text)),
    common: shared.flatMap((node) => fieldsOf(checker, node)),
  };
}

/** A member of a union with the comment that stands before it. */
interface Member {
  readonly node: ts.TypeNode;
  readonly text: string;
}

/** Members that are no union themselves; those that a name stands for are read where it is declared. */
function membersOf(checker: ts.TypeChecker, node: ts.TypeNode, at: ts.Node): readonly Member[] {
  if (ts.isParenthesizedTypeNode(node)) return membersOf(checker, node.type, at);
  if (ts.isUnionTypeNode(node)) {
    // What is said of the first member may stand before the bracket around all.
    return node.types.flatMap((each, n) => membersOf(checker, each, n === 0 && commentOf(each) === "" ? at : each));
  }
  if (!ts.isTypeReferenceNode(node)) return [{ node, text: commentOf(at) }];
  const symbol = checker.getSymbolAtLocation(node.typeName);
  if (symbol === undefined) throw new Error(`nothing is known of ${node.getText()}`);
  const alias = aliasOf(checker, symbol);
  return membersOf(checker, alias.type, alias.type);
}

function aliasOf(checker: ts.TypeChecker, symbol: ts.Symbol): ts.TypeAliasDeclaration {
  const own = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = own.declarations?.find((each) => ts.isTypeAliasDeclaration(each));
  if (declaration === undefined) throw new Error(`${symbol.name} is no alias of a type`);
  return declaration;
}

function eventOf(checker: ts.TypeChecker, node: ts.TypeNode, text: string): EventType {
  const all = fieldsOf(checker, node);
  const type = all.find(({ name }) => name === "type")?.type ?? "";
  return { type: type.replaceAll('"', ""), text, fields: all.filter(({ name }) => name !== "type") };
}

function fieldsOf(checker: ts.TypeChecker, node: ts.TypeNode): readonly EventField[] {
  return checker.getPropertiesOfType(checker.getTypeFromTypeNode(node)).map((symbol) => {
    const [declaration] = symbol.declarations ?? [];
    const written = declaration !== undefined && ts.isPropertySignature(declaration) ? declaration.type : undefined;
    return {
      name: symbol.name,
      type: written?.getText() ?? checker.typeToString(checker.getTypeOfSymbol(symbol)),
      isOptional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
      text: inOneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
    };
  });
}

/** The doc comment right before a node, without its stars; a member of a union has it before its bar. */
function commentOf(node: ts.Node): string {
  const text = node.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const before = ts.isTypeNode(node) ? [...ranges, ...commentsBeforeBar(text, node)] : ranges;
  const [last] = before.slice(-1);
  if (last === undefined) return "";
  const words = text.slice(last.pos + 3, last.end - 2).replaceAll(/^\s*\*/gm, "");
  return inOneLine(words);
}

const inOneLine = (words: string): string => words.replaceAll(/\s+/g, " ").trim();

function commentsBeforeBar(text: string, node: ts.Node): readonly ts.CommentRange[] {
  const head = text.slice(0, node.getFullStart()).replace(/\|\s*$/, "");
  const start = head.lastIndexOf("/**");
  const isRightBefore = start >= 0 && /^\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*$/.test(head.slice(start));
  return isRightBefore ? [{ pos: start, end: head.trimEnd().length, kind: ts.SyntaxKind.MultiLineCommentTrivia }] : [];
}
