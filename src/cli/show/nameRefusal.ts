import { safeFileName } from "../../index.js";

/** Warning for those who get a file of this name, when the name is one that downloads refuse. */
export function nameRefusal(name: string): string | undefined {
  try {
    safeFileName(name);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `whoever gets this file has to name it with -o: ${why}`;
  }
}
