import { DownloadError } from "../errors/DownloadError.js";

/** Leaves room for the endings that a download adds, within the 255 bytes that file systems allow. */
export const maxNameBytes = 220;

/** Names of what downloads keep beside their files: bytes, progress, locks, and what was set aside or left of these. */
export const isDownloadsOwn = (name: string): boolean => /\.part(\.|$)/i.test(name);

/** Each rule says what is wrong with the names it matches. */
const rules: readonly (readonly [wrong: { test(name: string): boolean }, reason: string])[] = [
  [/^\s*$/, "it is empty"],
  [/[/\\]/, "it is a path"],
  [/^\.{1,2}$/, "it is a folder"],
  [/\p{Cc}|\p{Cs}|[\u2028\u2029]/u, "it has control characters"],
  // Such characters make "exe.gpj" read as "jpg.exe".
  [/[\u202a-\u202e\u2066-\u2069]/, "it has characters that reorder text"],
  // A colon is also a drive letter or a hidden stream of another file.
  [/[<>:"|?*]/, 'it has one of < > : " | ? *'],
  // Any white space, which readers of manifests are free to trim.
  [/[.\s]$/, "it ends with a dot or a space"],
  [/^\s/, "it starts with a space"],
  [/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i, "it is reserved for a device on Windows"],
];

/** Rules against names that a program takes notice of without being told to. */
const obeyed: typeof rules = [
  [/^\./, "it starts with a dot, as the settings of programs do"],
  [/^tributary\.config\.json$/iu, "it is that of our own config file"],
  [{ test: isDownloadsOwn }, "it is like those of unfinished downloads"],
];

/**
 * The name itself, when it can be given to a file in a folder of our choice on any system and nowhere else, and when no program
 * obeys a file of that name. Names come from strangers, so what is doubtful is refused, not mended.
 *
 * @throws DownloadError `INVALID_MANIFEST`, which shows the name and says what is wrong with it.
 */
export function safeFileName(name: string): string {
  const reason = refusalOf(name);
  if (reason === undefined) return name;
  throw refused(name, reason);
}

/**
 * The name itself, when it may lead into folders below the one of our choice, with slashes between them: each part has to be a safe name. So it is
 * never absolute, and leads nowhere else; whether a folder that is there does so is another question.
 *
 * @throws DownloadError `INVALID_MANIFEST`
 */
export function safeFilePath(name: string): string {
  const parts = name.split("/");
  if (parts.length === 1) return safeFileName(name);
  for (const part of parts) {
    const reason = refusalOf(part);
    if (reason !== undefined) throw refused(name, `of its part ${shown(part)}, ${reason}`);
  }
  return name;
}

/** Why a name is not safe; nothing where it is. */
export function refusalOf(name: string): string | undefined {
  const bytes = new TextEncoder().encode(name).length;
  // Some file systems pass over format characters when they look for a name.
  const found = name.replace(/\p{Cf}/gu, "");
  return (
    rules.find(([wrong]) => wrong.test(name))?.[1] ??
    obeyed.find(([wrong]) => wrong.test(found))?.[1] ??
    (bytes > maxNameBytes ? `it has ${bytes} bytes, expected at most ${maxNameBytes}` : undefined)
  );
}

function refused(name: string, reason: string): DownloadError {
  return new DownloadError("INVALID_MANIFEST", `the suggested file name ${shown(name)} is refused: ${reason}`);
}

/** Quoted, cut, and with everything escaped that a terminal would obey. */
function shown(name: string): string {
  const cut = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
