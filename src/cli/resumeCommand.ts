import { basename, relative } from "node:path";
import { printable } from "../command.js";
import { withoutSecret } from "./options/rtcOption.js";

/** Characters that a line has room for, beside the words before them. */
const mostCharacters = 3500;

/**
 * The command line that takes this one up again, ready to be pasted into a shell; in words, where a line could not show it as it is. Secrets are left out of
 * it.
 */
export function resumeCommand(argv: readonly string[], folder = process.cwd()): string {
  const [, script = "tributary", ...words] = argv;
  // Installed, the script has the command's name.
  const program = basename(script) === "tributary" ? ["tributary"] : ["node", relative(folder, script)];
  const command = [...program, ...withoutSecrets(words)].map(quoted).join(" ");
  return command.length > mostCharacters || command !== printable(command) ? "the same command again" : command;
}

const secrets: Readonly<Record<string, (value: string) => string>> = {
  "--token": hidden,
  "--header": hidden,
  "--seed-token": () => "SECRET",
  "--ice-server": withoutSecret,
};

function withoutSecrets(words: readonly string[]): readonly string[] {
  return words.map((word, n) => {
    const [, option = "", value = ""] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (Object.hasOwn(secrets, option)) return `${option}=${secrets[option]?.(value)}`;
    return secrets[words[n - 1] ?? ""]?.(word) ?? withoutPassword(word);
  });
}

function withoutPassword(word: string): string {
  const { 0: scheme = "", index = 0 } = /https?:[\\/]*/i.exec(word) ?? {};
  const [start, end] = [index + scheme.length, word.lastIndexOf("@")];
  return scheme === "" || end < start ? word : `${word.slice(0, start)}SECRET${word.slice(end)}`;
}

function hidden(token: string): string {
  return `${token.slice(0, token.indexOf("=") + 1)}SECRET`;
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
