/**
 * Puts the command line, and the doors of the package as Node takes them, into few files: a fraction of the time to start, for they are
 * hundreds of modules otherwise. What every start needs is in one of them; what a command, a Metalink or a WebSocket needs is in files of its own, which
 * are read when they are first used.
 *
 * Bundlers of pages take the modules as they are (package.json, `exports`): of those they leave out what a page does not use. Whoever resolves a door
 * resolves all of them in the same way, so that nobody gets a class twice.
 *
 * There is no code cache. Node 20 takes one for scripts only, and as one script `--version` starts later than as modules in
 * parts (in an earlier form of both, 1.5 times the CPU time of `node -e 0` against 1.3; a `get` took 8 % less). The one of Node 22 saves 6 % of the CPU
 * time, and is a folder of code in the temporary folder that somebody would have to answer for.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const outfile = "dist/tributary.js";
const parts = "dist/tributary";
const doors = "dist/doors";
const commonJs = `
import { createRequire as requireFrom } from "node:module";
import { fileURLToPath as pathOf } from "node:url";
const require = requireFrom(import.meta.url);
const __filename = pathOf(import.meta.url);
const __dirname = pathOf(new URL(".", import.meta.url));
`;

/**
 * What is exported at a door, and the file that it comes from.
 *
 * @type {(door: string) => Map<string, string>}
 */
function behind(door) {
  const exports = readFileSync(door, "utf8").matchAll(/^export \{([^}]*)\} from ['"](.+)['"]/gm);
  return new Map(
    [...exports].flatMap(([, names = "", file = ""]) =>
      names.split(",").map((name) => [name.trim(), require.resolve(join(dirname(door), file))]),
    ),
  );
}

/**
 * Has each module import from where things are made, not from a door: esbuild takes all that any part needs from behind a
 * door to be needed by every part that uses the door. RxJS comes in the form that leaves out what is not used.
 *
 * @type {import("esbuild").Plugin}
 */
const direct = {
  name: "direct",
  setup(bundle) {
    const rxjs = require.resolve("rxjs").replace(/cjs(?=.index\.js$)/, "esm");
    const doors = new Map(
      [rxjs, ...["index", "node", "command"].map((name) => resolve(`dist/src/${name}.js`))].map((door) => [
        door,
        behind(door),
      ]),
    );
    bundle.onLoad({ filter: /[\\/]dist[\\/](src|operators)[\\/].*\.js$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      /** @type {(line: string, names: string, from: string) => string} */
      const fromBehind = (line, names, from) => {
        const made = doors.get(from === "rxjs" ? rxjs : resolve(dirname(path), from));
        if (made === undefined) return line;
        const one = /** @param {RegExpMatchArray} match */ ([words, name = ""]) =>
          `import { ${words} } from ${JSON.stringify(made.get(name))};`;
        // On one line, so that places in the code stay what they are.
        return Array.from(names.matchAll(/(\w+)( as \w+)?/g), one).join(" ");
      };
      return { contents: code.replaceAll(/^import \{([^}]*)\} from "(.+)";$/gm, fromBehind) };
    });
  },
};

/**
 * The version as text: a server that its owner bundles has no package.json to read it from.
 *
 * @type {import("esbuild").Plugin}
 */
const versioned = {
  name: "versioned",
  setup(bundle) {
    /** @type {(path: string) => { readonly version: string }} */
    const read = require;
    const { version } = read("./package.json");
    bundle.onLoad({ filter: /[\\/](cli[\\/]version|http[\\/]userAgent)\.js$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      const reading = 'createRequire(import.meta.url)("rx-tributary/package.json")';
      return { contents: code.replace(reading, JSON.stringify({ version })) };
    });
  },
};

/**
 * The module that commander starts other programs with, when it is first called: it has none to start.
 *
 * @type {import("esbuild").Plugin}
 */
const settled = {
  name: "settled",
  setup(bundle) {
    bundle.onResolve({ filter: /^node:child_process$/ }, ({ importer, path }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path, namespace: "later" } : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: "later" }, () => ({
      contents: 'exports.spawn = (...words) => require("node:child_process").spawn(...words);',
    }));
  },
};

/** @type {(path: string) => { readonly optionalDependencies: Readonly<Record<string, string>> }} */
const readPackage = require;

/** Packages that are there where somebody wants them: some are native, and all are read when they are asked for. */
const optional = Object.keys(readPackage("./package.json").optionalDependencies);

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  logLevel: "warning",
};

/** @type {import("esbuild").BuildOptions} */
const command = {
  ...common,
  // Names stay, so that the stack of an unexpected error can be read; short ones start no sooner.
  minifyWhitespace: true,
  minifySyntax: true,
};

/**
 * Puts files of `dist/tributary` that are read together into one: those of every start, those of most commands, and those of a download. esbuild makes a
 * file of what is needed for the same things, which are dozens, and each takes the loader of Node a millisecond.
 *
 * @type {(built: import("esbuild").Metafile) => Promise<void>}
 */
async function joinParts({ outputs }) {
  /** @type {(path: string, found?: Set<string>) => ReadonlySet<string>} */
  const readWith = (path, found = new Set()) => {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind !== "import-statement" || outputs[next] === undefined || found.has(next)) continue;
      readWith(next, found.add(next));
    }
    return found;
  };
  /** @type {(command: string) => readonly string[]} */
  const readBy = (command) => {
    const [path = ""] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === command) ?? [];
    return [...readWith(path)];
  };
  const start = readBy("dist/src/cli/main.js");
  const download = readBy("dist/src/cli/get.js").filter((path) => !start.includes(path));
  const others = readBy("dist/src/cli/local.js");
  /** @type {Readonly<Record<string, readonly string[]>>} */
  const groups = {
    start,
    common: download.filter((path) => others.includes(path)),
    download: download.filter((path) => !others.includes(path)),
  };
  /** @type {Map<string, Joined>} */
  const joined = new Map();
  for (const [group, paths] of Object.entries(groups)) {
    paths.forEach((path, place) => joined.set(basename(path), { group, place }));
  }
  for (const [group, paths] of Object.entries(groups)) {
    const lines = paths.map((path, place) => {
      const names = (outputs[path]?.exports ?? []).map((name) => `${name} as ${name}_${place}`);
      return `export { ${names.join(", ")} } from "./${basename(path)}";`;
    });
    const others = Object.keys(outputs).filter((path) => !paths.includes(path));
    await build({
      ...command,
      splitting: false,
      stdin: { contents: lines.join("\n"), resolveDir: parts },
      outfile: `${parts}/${group}.js`,
      external: [...optional, ...others.map((path) => `./${basename(path)}`)],
    });
  }
  const kept = Object.keys(outputs).filter((path) => !joined.has(basename(path)));
  for (const path of [...kept, ...Object.keys(groups).map((group) => `${parts}/${group}.js`)]) {
    writeFileSync(path, fromJoined(readFileSync(path, "utf8"), joined));
  }
  for (const path of Object.values(groups).flat()) rmSync(path);
  for (const path of readdirSync(parts)) {
    const code = readFileSync(join(parts, path), "utf8");
    const lost = [...joined.keys()].find((file) => code.includes(`/${file}"`));
    if (lost !== undefined)
      throw new Error(`${path} names ${lost}, which was joined with others, in a way that fromJoined does not know`);
  }
}

/**
 * Where a file went: its group, and its place there, which is in the names of what it exports.
 *
 * @typedef {{ readonly group: string; readonly place: number }} Joined
 */

/**
 * Code that imports from the files of groups what it has imported from those that are in them now.
 *
 * @type {(code: string, joined: ReadonlyMap<string, Joined>) => string}
 */
function fromJoined(code, joined) {
  /** @type {(line: string, names: string | undefined, folder: string, file: string) => string} */
  const fromGroup = (line, names, folder, file) => {
    const there = joined.get(file);
    if (there === undefined) return line;
    /** @type {(words: string, name: string, here: string | undefined) => string} */
    const renamed = (_words, name, here) => `${name}_${there.place} as ${here ?? name}`;
    const words = names === undefined ? "" : `{${names.replaceAll(/([\w$]+)(?: as ([\w$]+))?/g, renamed)}}from`;
    return `import${words}"${folder}${there.group}.js"`;
  };
  return code.replaceAll(/import(?:\{([^}]*)\}from)?"([^"]*\/)([^"/]+)"/g, fromGroup);
}

// Parts of an earlier build have other names.
for (const folder of [parts, doors]) rmSync(folder, { recursive: true, force: true });
const { metafile } = await build({
  ...command,
  entryPoints: { tributary: "dist/src/cli/main.js" },
  outdir: "dist",
  chunkNames: "tributary/[name]-[hash]",
  plugins: [versioned, settled, direct],
  external: optional,
  metafile: true,
  // Some of what is bundled is CommonJS, and counts on what only such modules have.
  banner: { js: commonJs },
});
await joinParts(metafile);
chmodSync(outfile, 0o755);
await build({
  ...common,
  entryPoints: ["index", "node", "browser", "browserParts", "operators", "testing"].map(
    (door) => `dist/src/${door}.js`,
  ),
  outdir: doors,
  chunkNames: "parts/[name]-[hash]",
  // Its dependencies are the user's to keep up to date, and its RxJS has to be theirs.
  packages: "external",
  plugins: [versioned],
  sourcemap: true,
  sourcesContent: false,
  // A class that names itself would be told by another name.
  keepNames: true,
});
