import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/**
 * Each way to find a door, with the oldest compiler that takes the declarations of all that the package needs and, where it still knows the way, the
 * latest; the types narrow from 5.0 on, which cannot read valibot's declarations.
 */
const tries = [
  { typescript: "typescript-oldest", module: "node16", moduleResolution: "node16", skipLibCheck: true },
  { typescript: "typescript", module: "node16", moduleResolution: "node16" },
  { typescript: "typescript", module: "es2022", moduleResolution: "bundler" },
  { typescript: "typescript", module: "commonjs", moduleResolution: "node10" },
  { typescript: "typescript-latest", module: "node20", moduleResolution: "node16" },
  { typescript: "typescript-latest", module: "es2022", moduleResolution: "bundler" },
];
const run = (...words) =>
  execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const told = tries.map(({ typescript, module, moduleResolution, skipLibCheck = false }, index) => {
  const outDir = `out/${index}`;
  const options = {
    target: "es2022",
    module,
    moduleResolution,
    outDir,
    strict: true,
    exactOptionalPropertyTypes: true,
  };
  const lib = ["es2022", "dom", "dom.iterable"];
  // The declarations of the package are compiled too: they must be right by themselves.
  const compilerOptions = { ...options, lib, types: ["node"], rootDir: ".", skipLibCheck };
  const config = `tsconfig.${index}.json`;
  writeFileSync(config, JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  try {
    run(`node_modules/${typescript}/bin/tsc`, "-p", config);
  } catch (error) {
    throw new Error(`${typescript} by ${moduleResolution}:\n${error.stdout}`);
  }
  writeFileSync(`${outDir}/package.json`, JSON.stringify({ type: module === "commonjs" ? "commonjs" : "module" }));
  return run(`${outDir}/app.js`).trim();
});
const same = told.every((line) => line === told[0]);
if (!same) throw new Error(`What was compiled does not do the same: ${told.join("; ")}`);
const ways = tries.map(({ moduleResolution }) => moduleResolution);
console.log(`compiled by ${[...new Set(ways)].join(", ")}: ${told[0]}`);
