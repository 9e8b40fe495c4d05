import dns, { type LookupAddress } from "node:dns";
import { vi } from "vitest";

type Told = (error: Error | null, ...found: readonly unknown[]) => void;

/** Puts these in the place of all names that there are, until mocks are restored. Tells which ones are asked for. */
export function lookUp(names: Readonly<Record<string, readonly LookupAddress[]>>): readonly string[] {
  const asked: string[] = [];
  const answer = (name: string, options: dns.LookupOptions, told: Told): void => {
    asked.push(name);
    const [first, ...others] = names[name] ?? [];
    if (first === undefined) told(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }));
    else if (options.all === true) told(null, [first, ...others]);
    else told(null, first.address, first.family);
  };
  vi.spyOn(dns, "lookup").mockImplementation(answer as unknown as typeof dns.lookup);
  return asked;
}

export async function errorOf(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error) return error;
  throw new Error("expected an error");
}
