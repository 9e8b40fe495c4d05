import { readdirSync } from "node:fs";
import type { Command } from "commander";
import { expect } from "vitest";

/** Files with commands: each exports the function of its name, which makes one or several. */
const makers = await Promise.all(
  readdirSync(new URL("../../src/cli/commands/", import.meta.url)).map(async (file) => {
    const name = file.replace(".ts", "");
    const module = (await import(`../../src/cli/commands/${name}.ts`)) as Readonly<
      Record<string, () => Command | readonly Command[]>
    >;
    return module[name] ?? expect.fail(`${file} has no ${name}`);
  }),
);

/** All commands of the tool, made anew: one that has parsed something remembers it. */
export function allCommands(): readonly Command[] {
  return makers.flatMap((make) => make());
}
