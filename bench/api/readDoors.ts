import ts from "typescript";

/** One public name, and how it is declared. */
export interface PublicName {
  readonly name: string;
  /** Its declarations without their comments and private members, as TypeScript prints them. */
  readonly text: string;
}

/** A way into the package, and what is public there, in the order of the alphabet. */
export interface Door {
  readonly door: string;
  readonly names: readonly PublicName[];
  /** What its types speak of, and no door of the package exports by any name. */
  readonly hidden: readonly string[];
}

/** What is public at each door, by the declarations that were built. */
export function readDoors(doors: ReadonlyMap<string, string>): readonly Door[] {
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, skipLibCheck: true, strict: true };
  const program = ts.createProgram([...doors.values()], options);
  const checker = program.getTypeChecker();
  const isOurs = ({ declarations = [] }: ts.Symbol): boolean =>
    declarations.some((each) => isNamed(each) && !isOfOthers(each));
  const symbols = [...doors].map(([door, file]) => ({ door, exports: exportsOf(checker, program, file) }));
  const exported = new Set(symbols.flatMap(({ exports }) => [...exports.values()]));
  return symbols.map(({ door, exports }) => {
    const hidden = new Set<string>();
    const names = Array.from(exports, ([name, symbol]): PublicName => {
      const declarations = declarationsOf(symbol);
      const spoken = new Set(declarations.flatMap((each) => symbolsIn(checker, each)).filter(isOurs));
      for (const each of spoken) if (!exported.has(each)) hidden.add(each.name);
      const text = declarations.map((each) => print(each)).join("\n");
      return { name, text };
    });
    return { door, names: names.sort((a, b) => (a.name < b.name ? -1 : 1)), hidden: [...hidden].sort() };
  });
}

/** The symbols behind the names of a door. */
function exportsOf(checker: ts.TypeChecker, program: ts.Program, file: string): ReadonlyMap<string, ts.Symbol> {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} exports nothing; npm run build makes it`);
  const exports = checker.getExportsOfModule(module);
  return new Map(exports.map((each) => [each.name, resolved(checker, each)]));
}

const resolved = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** Declarations that a module could export: no type parameters, no members. */
const isNamed = (node: ts.Declaration): boolean =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  (ts.isVariableDeclaration(node) && ts.isVariableStatement(node.parent.parent));

/** Declarations of other packages, and of the platform. */
const isOfOthers = (node: ts.Declaration): boolean => node.getSourceFile().fileName.includes("/node_modules/");

/** A constant's whole statement is its declaration. */
const declarationsOf = ({ declarations = [] }: ts.Symbol): readonly ts.Node[] =>
  declarations.map((each) => (ts.isVariableDeclaration(each) ? each.parent.parent : each));

/** What the identifiers in public parts of a declaration mean. */
function symbolsIn(checker: ts.TypeChecker, node: ts.Node): readonly ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (each: ts.Node): void => {
    if (isPrivate(each)) return;
    const symbol = ts.isIdentifier(each) ? checker.getSymbolAtLocation(each) : undefined;
    if (symbol !== undefined) found.push(resolved(checker, symbol));
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

const isPrivate = (node: ts.Node): boolean =>
  ts.isClassElement(node) &&
  ((node.name !== undefined && ts.isPrivateIdentifier(node.name)) ||
    (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0);

/** A declaration as TypeScript writes it, without comments and private members. */
function print(node: ts.Node): string {
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  const { transformed } = ts.transform(node, [
    (context) => (top) => {
      const publicOf = (each: ts.Node): ts.Node =>
        ts.visitEachChild(each, (child) => (isPrivate(child) ? undefined : publicOf(child)), context);
      return publicOf(top);
    },
  ]);
  const [publicPart = node] = transformed;
  return printer
    .printNode(ts.EmitHint.Unspecified, publicPart, node.getSourceFile())
    .replace(/^(export )?(declare )?/, "");
}
