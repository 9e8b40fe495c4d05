import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Each door of the package, such as `rx-tributary/node`, and the declarations that its types come from. */
export function doorsOf(checkout: string): ReadonlyMap<string, string> {
  const { name, exports } = JSON.parse(readFileSync(resolve(checkout, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const doors = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === "string" ? [] : [[name + path.slice(1), resolve(checkout, target.types)] as const],
  );
  return new Map(doors);
}
