/** `npm run bench:rivals`: what goes wrong with downloads, and what Tributary and others make of it. `--only ROW`, `--tools A,B`. */
import { parseArgs } from "node:util";
import type { Contestant } from "./contestants.js";
import { contestants, isHere } from "./contestants.js";
import type { Outcome } from "./Outcome.js";
import { meaningOfBest, placeOf } from "./Outcome.js";
import { rows, size, speed } from "./rows.js";
import { runRow } from "./runRow.js";

const limitSeconds = 45;

const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, tools: { type: "string" } } });

/** Those that were asked for by name, or all; a name that nobody has is an error. */
function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  const unknown = names?.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${all.map(({ name }) => name).join(", ")}`);
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}

const asked = chosen(contestants, values.tools?.split(","));
const tools = asked.filter(isHere);
const missing = asked.filter((tool) => !tools.includes(tool)).flatMap(({ debian }) => debian ?? []);
const played = chosen(rows, values.only);

function show({ name, program, flags }: Contestant): void {
  const words = flags.map((flag) => (flag.startsWith("/") ? "dist/src/cli/main.js" : flag));
  console.log(`${name.padEnd(12)}${program === process.execPath ? "node" : program} ${words.join(" ")}`);
}

console.log(
  `${size / 1024 ** 2} MiB, ${speed / 1e6} MB/s a connection, at most ${limitSeconds} s a run, one run each\n`,
);
for (const tool of tools) show(tool);
if (missing.length > 0) {
  console.log(
    `\nNot on the PATH, and so left out: ${missing.join(", ")}. On Debian: apt-get install ${missing.join(" ")}`,
  );
}

function line({ tool, verdict, seconds, ratio, requests }: Outcome): string {
  if (verdict === "n/a") return `  ${tool.padEnd(12)}n/a`;
  const numbers = [
    `${seconds.toFixed(2)} s`.padStart(9),
    `x${ratio.toFixed(2)}`.padStart(8),
    String(requests).padStart(7),
  ];
  return `  ${tool.padEnd(12)}${verdict.padEnd(9)}${numbers.join("")}`;
}

const places: string[] = [];
console.log(
  `\n  ${"tool".padEnd(12)}${"verdict".padEnd(9)}${"seconds".padStart(9)}${"bytes".padStart(8)}${"requests".padStart(9)}`,
);
for (const row of played) {
  console.log(`\n${row.title} [${row.name}], wanted: ${row.wanted}`);
  const outcomes: Outcome[] = [];
  for (const tool of tools) {
    const outcome = await runRow(row, tool, limitSeconds);
    outcomes.push(outcome);
    console.log(line(outcome));
  }
  places.push(`${row.title.padEnd(56)}${placeOf("tributary", outcomes, row.wanted)}`);
}
console.log(`\nTributary in each row. ${meaningOfBest}\n\n${places.join("\n")}`);
