import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const folder = fileURLToPath(new URL("../../dist/web/", import.meta.url));
const gzip = (path: string): number => gzipSync(readFileSync(folder + path), { level: 9 }).length;

/** Bytes of the page's files, gzip: what is loaded at first, and each file that is loaded when it is needed. */
export function pageBundle(): { readonly first: number; readonly later: readonly (readonly [string, number])[] } {
  const html = readFileSync(`${folder}index.html`, "utf8");
  const assets = readdirSync(`${folder}assets`).map((name) => `assets/${name}`);
  const isFirst = (path: string): boolean => html.includes(path);
  const first = ["index.html", ...assets.filter(isFirst)].reduce((sum, path) => sum + gzip(path), 0);
  return { first, later: assets.filter((path) => !isFirst(path)).map((path) => [path.slice(7), gzip(path)]) };
}
