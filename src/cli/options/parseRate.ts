import { wrongValue } from "../UsageError.js";

const factors = { "": 1, k: 1e3, m: 1e6, g: 1e9 } as const;

/** Whole bytes a second from `800`, `500k`, `2M` or `1.5G`; the letters count in thousands, as the view does. `called` is the option, as the user wrote it. */
export function parseRate(text: string | number, called: string): number {
  const [, digits = "", letter = ""] = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(String(text)) ?? [];
  const rate = Math.round(Number(digits) * factors[letter.toLowerCase() as keyof typeof factors]);
  if (rate >= 1 && Number.isFinite(rate)) return rate;
  throw wrongValue(called, text, "bytes a second such as 500k, 2M or 1.5G, at least 1");
}
