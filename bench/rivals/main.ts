/**
 * `npm run bench:rivals`: what goes wrong with downloads, and what Tributary and others make of it. `--only ROW` (may be
 * repeated) and `--tools A,B` choose; `--large` measures a gibibyte from nginx mirrors without faults instead, `--rounds N` times.
 */
import { benchCommand, chosenOf, wholeFrom } from "../benchCommand.js";
import type { Contestant } from "./contestants.js";
import { contestants } from "./contestants.js";
import { runLarge } from "./large.js";
import { runMatrix } from "./matrix.js";
import type { Row } from "./rows.js";
import { rows } from "./rows.js";

interface Flags {
  readonly only?: readonly Row[];
  readonly tools?: readonly Contestant[];
  readonly large?: boolean;
  readonly rounds?: number;
}

const one = <T extends { readonly name: string }>(all: readonly T[], wanted: string) =>
  chosenOf(all, (name) => name === wanted);

const { only, tools, large, rounds } = benchCommand(
  "bench:rivals",
  "what goes wrong with downloads, and what Tributary and others make of it",
)
  .option("--only <row>", "this row; may be repeated", (name, before: readonly Row[] | undefined) => [
    ...(before ?? []),
    ...one(rows, name),
  ])
  .option("--tools <names>", "these programs, with commas between them", (names) =>
    names.split(",").flatMap((name) => one(contestants, name)),
  )
  .option("--large", "a gibibyte from nginx mirrors instead: four, four with TLS, and one")
  .option("--rounds <n>", "runs of each program with --large (3)", wholeFrom(1))
  .parse()
  .opts<Flags>();

if (large) await runLarge(rounds);
else await runMatrix(only, tools);
