import { excerpt } from "../../errors/excerpt.js";
import { type FileElement, isSpoken, parseFileElement } from "./metalinkSchema.js";
import { refuse } from "./refuse.js";
import { type Element, scanFiles } from "./scanFiles.js";

export interface DocumentLimits {
  /** Length of the document in characters. @default 4194304 */
  readonly maxLength?: number;
  /** Files that it may name. Of so many no more than a thousand are fetched at once. @default 100000 */
  readonly maxFiles?: number;
  /** Addresses of one file that we could ask. @default 1000 */
  readonly maxUrls?: number;
}

const mostCharacters = 4 * 1024 * 1024;
const mostFiles = 100_000;
const mostUrls = 1000;

/**
 * The file elements of a document, at least one, each as its schema has it. Every limit holds while it is read.
 *
 * @throws DownloadError `INVALID_MANIFEST`
 */
export function parseMetalink(xml: string, limits: DocumentLimits = {}): readonly FileElement[] {
  const { maxLength = mostCharacters, maxFiles = mostFiles, maxUrls = mostUrls } = limits;
  if (xml.length > maxLength) refuse(`it has ${xml.length} characters, expected at most ${maxLength}`);
  const files: Element[] = [];
  let urls = 0;
  scanFiles(xml, {
    onOpen: ({ name }, parent) => {
      if (parent === undefined && name !== "metalink")
        refuse(`its root element is ${excerpt(name)}, expected metalink`);
      if (name !== "file") return;
      urls = 0;
      if (files.length === maxFiles) refuse(`it names more than ${maxFiles} files, expected at most that`);
    },
    onClose: (element) => {
      if (element.name === "file") files.push(element);
      // Of what we do not speak there may be as many as fit.
      if (element.name !== "url") return true;
      if (!isSpoken(element.text.trim())) return false;
      urls += 1;
      if (urls > maxUrls) refuse(`it has more than ${maxUrls} addresses of one file, expected at most that`);
      return true;
    },
  });
  if (files.length === 0) refuse("it names no file");
  const named = files.filter(({ attributes: { name = "" } }) => name !== "");
  // Nobody could be given one without a name; an only one is refused by its schema.
  return (named.length > 0 ? named : files).map((file, index) => {
    const parsed = parseFileElement(file);
    return "wrong" in parsed
      ? refuse(`its file element${files.length === 1 ? "" : ` ${index + 1}`}, ${parsed.wrong}`)
      : parsed;
  });
}
