/** `npm run size:rooms`: what the bytes of each row of `.size-limit.js` are made of, by room and package. */
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { benchCommand } from "../benchCommand.js";

benchCommand("size:rooms", "what a page loads, by room and package, minified, before gzip").parse();

interface Row {
  readonly name: string;
  readonly path: string;
  readonly import: string;
  readonly ignore: readonly string[];
  readonly modifyEsbuildConfig?: (config: BuildOptions) => BuildOptions;
}

interface Size {
  readonly gzip: number;
  readonly rooms: ReadonlyMap<string, number>;
}

async function sizeOf({ path, import: names, ignore, modifyEsbuildConfig = (config) => config }: Row): Promise<Size> {
  const config: BuildOptions = {
    stdin: { contents: `export ${names} from "./${path}"`, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    external: [...ignore],
    outdir: "size",
    write: false,
    metafile: true,
  };
  const { outputFiles = [], metafile } = await build(modifyEsbuildConfig(config));
  const rooms = new Map<string, number>();
  for (const { inputs } of Object.values(metafile?.outputs ?? {})) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      rooms.set(roomOf(file), (rooms.get(roomOf(file)) ?? 0) + bytesInOutput);
    }
  }
  const loaded = outputFiles.filter(({ path }) => relative(process.cwd(), path) in (metafile?.outputs ?? {}));
  return { gzip: loaded.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0), rooms };
}

/** The folder of a file, or its package. */
function roomOf(file: string): string {
  const [, inPackages] = file.split("node_modules/");
  const folders = (inPackages ?? file).split("/");
  if (inPackages === undefined) return folders.slice(0, -1).join("/");
  return folders.slice(0, folders[0]?.startsWith("@") === true ? 2 : 1).join("/");
}

const { default: rows } = (await import(new URL("../../.size-limit.js", import.meta.url).href)) as {
  readonly default: readonly Row[];
};
const sizes: Size[] = [];
for (const row of rows) sizes.push(await sizeOf(row));
const all = new Set(sizes.flatMap(({ rooms }) => [...rooms].filter(([, bytes]) => bytes > 0).map(([room]) => room)));
const most = (room: string): number => Math.max(...sizes.map(({ rooms }) => rooms.get(room) ?? 0));
const line = (name: string, values: readonly number[]): void =>
  console.log(`${name.padEnd(26)}${values.map((bytes) => (bytes / 1000).toFixed(1).padStart(8)).join("")}`);

rows.forEach(({ name }, at) => console.log(`${at + 1}  ${name}`));
console.log(`\n${"kB".padEnd(26)}${rows.map((_, at) => String(at + 1).padStart(8)).join("")}`);
for (const room of [...all].sort((a, b) => most(b) - most(a))) {
  line(
    room,
    sizes.map(({ rooms }) => rooms.get(room) ?? 0),
  );
}
line(
  "all, gzip",
  sizes.map(({ gzip }) => gzip),
);
