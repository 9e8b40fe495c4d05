import { isToken } from "../../command.js";
import { UsageError } from "../UsageError.js";
import { excludes } from "./needs.js";
import type { OptionRow } from "./OptionRow.js";
import { readText } from "./readText.js";
import { type NamedFile, textFile } from "./takeText.js";

/** Host, or host and port, and the secret for it. */
type HostToken = readonly [string, string];

/** Where `get` may find its tokens. */
export interface TokenSources {
  readonly token?: readonly HostToken[];
  /** A file with one `HOST=SECRET` a line. */
  readonly tokenFile?: NamedFile;
}

/** Flags by which `get` is given tokens. */
export const tokenRows: readonly OptionRow[] = [
  {
    flags: "--token <host=secret>",
    description: "secret for one host, or host:port; may be repeated",
    read: aHostToken,
    repeats: true,
  },
  {
    flags: "--token-file <file>",
    description: "secrets, one host=secret a line; also TRIBUTARY_TOKEN",
    read: textFile("one HOST=SECRET a line"),
  },
];

/** Flags by which `seed` is given its token. */
export const seedTokenRows: readonly OptionRow[] = [
  {
    flags: "--token <secret>",
    description: "secret that clients must bring; also TRIBUTARY_TOKEN",
    read: aSecret,
    needs: [excludes("tokenFile", "says what --token-file says, too; leave one of them out")],
  },
  { flags: "--token-file <file>", description: "file that holds that secret", read: textFile("one secret") },
];

/** Reads the secret that those who ask have to bring. No message repeats it. */
export function aSecret(text: string, called: string): string {
  const secret = text.trim();
  if (isToken(secret)) return secret;
  throw new UsageError(`${called} must be a secret of ASCII characters, at least one, without a space or a line break`);
}

/** Reads a secret for one host. No message repeats it. */
export function aHostToken(text: string, called: string): HostToken {
  const cut = text.indexOf("=");
  const secret = text.slice(cut + 1);
  if (cut < 1 || secret === "") throw new UsageError(`${called} must be HOST=SECRET or HOST:PORT=SECRET`);
  return [text.slice(0, cut).toLowerCase(), aSecret(secret, called)];
}

/** Secrets by `host` or `host:port`: from `TRIBUTARY_TOKEN`, then the file, then the flags, each over the one before. */
export async function readTokens(
  { token = [], tokenFile }: TokenSources,
  env: string | undefined,
): Promise<Record<string, string>> {
  const inVariable = linesOf(env ?? "").map((line) => aHostToken(line, "TRIBUTARY_TOKEN"));
  const lines = tokenFile === undefined ? [] : linesOf(await readText(tokenFile));
  const inFile = lines.map((line, n) => aHostToken(line, `line ${n + 1} of ${tokenFile?.path ?? ""}`));
  return Object.fromEntries([...inVariable, ...inFile, ...token]);
}

/** The one secret that a seeder asks for. */
export async function readSeedToken(
  { token, tokenFile }: { readonly token?: string; readonly tokenFile?: NamedFile },
  env: string | undefined,
): Promise<string | undefined> {
  if (token !== undefined) return token;
  if (tokenFile !== undefined) return aSecret(await readText(tokenFile), `the secret in ${tokenFile.path}`);
  return env === undefined ? undefined : aSecret(env, "TRIBUTARY_TOKEN");
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
