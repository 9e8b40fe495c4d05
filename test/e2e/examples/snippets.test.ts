import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const checkout = fileURLToPath(new URL("../../../", import.meta.url));
const documents = [
  "README.md",
  ...readdirSync(`${checkout}docs`)
    .filter((name) => name.endsWith(".md") && name !== "api.md")
    .map((name) => `docs/${name}`),
];

/** Names that a snippet speaks of and a reader has: they are declared for it. */
const given = `
import { askPeers, retryWithPeerSwitch } from "rx-tributary/operators";
import { downloadAll, downloadFiles } from "rx-tributary/node";
import { concatMap, mergeAll, type Observable, of } from "rxjs";
declare const mirrorA: string, mirrorB: string;
declare function fetchText(url: string): Observable<string>;
`;

interface Snippet {
  readonly name: string;
  readonly code: string;
}

const snippets = documents.flatMap((document): Snippet[] => {
  const text = readFileSync(checkout + document, "utf8");
  const codes = Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), ([, code = ""]) => code);
  return codes.map((code, n) => ({ name: `${document}, snippet ${n + 1}`, code }));
});

/** A framework that is not installed here makes no types; what imports one is only parsed. */
const isForeign = ({ code }: Snippet): boolean =>
  Array.from(code.matchAll(/from "([^".]+)"/g), ([, module = ""]) => module).some((module) => {
    const [scope = "", name = ""] = module.split("/");
    const owner = scope.startsWith("@") ? `${scope}/${name}` : scope;
    const isOwn = owner === "rx-tributary" || owner.startsWith("node:");
    return !isOwn && !existsSync(`${checkout}node_modules/${owner}/package.json`);
  });

/** What the compiler says of each snippet, as a file of the package. */
function complaintsOf(all: readonly Snippet[]): ReadonlyMap<string, readonly string[]> {
  const files = new Map(
    all.map(({ code }, n) => [`${checkout}snippet${n}.ts`, /^import /m.test(code) ? code : given + code]),
  );
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile: (path) => files.get(path) ?? disk.readFile(path),
    getSourceFile: (path, language) => {
      const code = files.get(path);
      return code === undefined ? disk.getSourceFile(path, language) : ts.createSourceFile(path, code, language);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    all.map((snippet, n) => {
      const source = program.getSourceFile(`${checkout}snippet${n}.ts`);
      const found = [
        ...program.getSyntacticDiagnostics(source),
        ...(isForeign(snippet) ? [] : program.getSemanticDiagnostics(source)),
      ];
      return [snippet.name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))];
    }),
  );
}

describe("snippets of documents", () => {
  it("Every snippet compiles", () => {
    expect(snippets.length).toBeGreaterThan(10);
    const complaints = Object.fromEntries([...complaintsOf(snippets)].filter(([, texts]) => texts.length > 0));
    expect(complaints).toEqual({});
  });

  it("A snippet that does not compile is told", () => {
    const wrong = { name: "wrong", code: 'import { noSuchName } from "rx-tributary";\n' };
    expect(complaintsOf([wrong]).get("wrong")).toEqual([expect.stringMatching(/no exported member 'noSuchName'/)]);
  });
});
