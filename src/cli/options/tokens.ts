import { UsageError } from "../UsageError.js";
import { readText } from "./readText.js";

/** Where `get` may find its tokens. */
export interface TokenSources {
  /** Secrets, each as `HOST=SECRET`. */
  readonly token?: readonly string[];
  /** A file with one `HOST=SECRET` a line. */
  readonly tokenFile?: string;
}

/**
 * Secrets by `host` or `host:port`: from `TRIBUTARY_TOKEN`, then the file, then the flags, each over the one before.
 * No message repeats a secret.
 */
export async function readTokens({ token = [], tokenFile }: TokenSources, env: string | undefined) {
  const tokens: Record<string, string> = {};
  const add = (text: string, where: string) => {
    const cut = text.indexOf("=");
    if (cut < 1 || cut === text.length - 1) throw new UsageError(`${where} must be HOST=SECRET or HOST:PORT=SECRET`);
    tokens[text.slice(0, cut).toLowerCase()] = text.slice(cut + 1);
  };
  linesOf(env ?? "").forEach((line) => add(line, "TRIBUTARY_TOKEN"));
  if (tokenFile !== undefined) {
    linesOf(await readText("token file", tokenFile)).forEach((line, n) => add(line, `line ${n + 1} of ${tokenFile}`));
  }
  token.forEach((text) => add(text, "--token"));
  return tokens;
}

/** The one secret that a seeder asks for. */
export async function readSeedToken(
  { token, tokenFile }: { readonly token?: string; readonly tokenFile?: string },
  env: string | undefined,
): Promise<string | undefined> {
  const text = token ?? (tokenFile === undefined ? env : await readText("token file", tokenFile));
  if (text === undefined) return undefined;
  if (text.trim() === "") throw new UsageError("the token is empty");
  return text.trim();
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
