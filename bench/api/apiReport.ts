import { join } from "node:path";
import prettier from "prettier";
import { doorsOf } from "./doors.js";
import type { Door, PublicName } from "./readDoors.js";
import { readDoors } from "./readDoors.js";

const head = `# What is public

Every name that a program can import, with its type, by door. Comments are left out: they stand in the declarations. \`npm run api\` writes this file
anew, and a test fails when a name or a type differs from what stands here, so that the surface changes on purpose.
`;

export const reportPath = (checkout: string): string => join(checkout, "docs", "api.md");

/** The report on the doors of a checkout as it is built. */
export interface ApiReport {
  readonly text: string;
  /** How many names there are at all doors together, each counted once. */
  readonly names: number;
  /** What the types of a door speak of, and no door exports: there is to be none. */
  readonly hidden: readonly { readonly door: string; readonly name: string }[];
}

export async function apiReport(checkout: string): Promise<ApiReport> {
  const doors = readDoors(doorsOf(checkout));
  const told = new Map<string, string>();
  const sections = doors.map((door) => section(door, told));
  const text = [head, ...sections].join("\n");
  const hidden = doors.flatMap(({ door, hidden }) => hidden.map((name) => ({ door, name })));
  return { text: await prettier.format(text, { parser: "markdown", printWidth: 120 }), names: told.size, hidden };
}

/** A door's names; what an earlier door has too, the same in every word, is only named. */
function section({ door, names }: Door, told: Map<string, string>): string {
  const isTold = ({ name, text }: PublicName): boolean => told.has(`${name} ${text}`);
  const own = names.filter((each) => !isTold(each));
  const again = names.filter(isTold).map(({ name, text }) => `\`${name}\` (\`${told.get(`${name} ${text}`)}\`)`);
  for (const { name, text } of own) told.set(`${name} ${text}`, door);
  return [
    `## ${door}\n\n${names.length} names.\n`,
    ...(again.length === 0 ? [] : [`As at an earlier door: ${again.join(", ")}.\n`]),
    `\`\`\`ts\n${own.map(({ text }) => text).join("\n\n")}\n\`\`\`\n`,
  ].join("\n");
}
