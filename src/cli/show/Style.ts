import { asciiForm } from "./asciiForm.js";
import { type Paint, paintFor, plain } from "./paint.js";

/** Looks of a view: its colours, and the characters that the terminal knows. */
export interface Style {
  readonly paint: Paint;
  /** The line in characters that the terminal knows, as wide as before. */
  readonly text: (line: string) => string;
}

const asItIs = (line: string): string => line;

/** Blocks and no colours. */
export const plainStyle: Style = { paint: plain, text: asItIs };

/** Looks for a terminal: blocks where its characters are those of UTF-8, else ASCII. Windows has no such variables, and knows blocks. */
export function styleFor(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Style {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const isUnicode = platform === "win32" || /utf-?8/i.test(locale);
  return { paint: paintFor(env), text: isUnicode ? asItIs : asciiForm };
}
