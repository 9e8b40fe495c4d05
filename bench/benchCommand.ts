import { Command, InvalidArgumentError } from "commander";

/** The command line of a bench: `--help`, and for what it cannot take one line that says so and exit code 2. */
export function benchCommand(script: string, description: string): Command {
  return new Command(`npm run ${script} --`)
    .description(description)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** For options that take whole numbers. */
export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`);
  };
}

/** Those among `all` whose name passes; none is an error that lists the names. */
export function chosenOf<T extends { readonly name: string }>(
  all: readonly T[],
  passes: (name: string) => boolean,
): readonly T[] {
  const chosen = all.filter(({ name }) => passes(name));
  if (chosen.length > 0) return chosen;
  throw new InvalidArgumentError(`There are:\n  ${all.map(({ name }) => name).join("\n  ")}`);
}
