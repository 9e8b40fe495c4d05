import { safeFileName } from "../../index.js";

/** What whoever gets a file of this name has to know, when the name is one that downloads refuse. */
export function nameRefusal(name: string): string | undefined {
  try {
    safeFileName(name);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `whoever gets this file has to name it with -o: ${why}`;
  }
}
