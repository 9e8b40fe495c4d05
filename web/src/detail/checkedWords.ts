import type { AccountSoFar } from "../../../src/index.js";

/** Whether and by what the bytes of a file that is here were proved right, in the words of the page. */
export function checkedWords({ integrity }: Pick<AccountSoFar, "integrity">): string {
  switch (integrity) {
    case "none":
      return "no: no digest was known";
    case "weak":
      return "by a digest that can be forged";
    case "file":
      return "by the digest of the whole";
    case "chunks":
      return "by the digest of each chunk";
  }
}
