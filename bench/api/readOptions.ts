import ts from "typescript";

/** One option of a public function, as its declaration tells it. */
export interface PublicOption {
  /** Its interface and its own name: `DownloadConfig.retry`. */
  readonly name: string;
  readonly isOptional: boolean;
  readonly text: string;
  /** What holds when it is not given. */
  readonly defaultText: string;
}

/** The options in every interface of the doors that is called `...Options` or `...Config`, each told once. */
export function readOptions(program: ts.Program, doors: ReadonlyMap<string, string>): readonly PublicOption[] {
  const checker = program.getTypeChecker();
  const modules = Array.from(doors.values(), (file) => program.getSourceFile(file)).flatMap((source) => {
    const module = source && checker.getSymbolAtLocation(source);
    return module === undefined ? [] : checker.getExportsOfModule(module);
  });
  const owners = new Map(
    modules
      .map((each) => (each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each))
      .filter(({ name }) => /(?:Options|Config)$/.test(name))
      .map((each) => [each.name, each]),
  );
  return Array.from(owners.values()).flatMap((owner) =>
    checker
      .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(owner))
      .map((option) => optionOf(checker, owner, option)),
  );
}

function optionOf(checker: ts.TypeChecker, owner: ts.Symbol, option: ts.Symbol): PublicOption {
  const tag = option.getJsDocTags(checker).find(({ name }) => name === "default");
  return {
    name: `${owner.name}.${option.name}`,
    isOptional: (option.flags & ts.SymbolFlags.Optional) !== 0,
    text: ts.displayPartsToString(option.getDocumentationComment(checker)),
    defaultText: ts.displayPartsToString(tag?.text),
  };
}
