import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";
import { type FileElement, fileSchema, metalinkNamespace } from "./metalinkSchema.js";
import { refuse } from "./refuse.js";

export interface DocumentLimits {
  /** Length of the document in characters. @default 33554432 */
  readonly maxLength?: number;
  /** Files that it may name. @default 1000 */
  readonly maxFiles?: number;
}

const mostCharacters = 32 * 1024 * 1024;
const mostFiles = 1000;
const listed = new Set(["file", "pieces", "hash", "url"]);

/**
 * The file elements of a Metalink 4 document, at least one, each as its schema has it.
 *
 * @throws DownloadError `INVALID_MANIFEST`
 */
export function parseMetalink(xml: string, limits: DocumentLimits = {}): readonly FileElement[] {
  const files = fileElementsIn(documentIn(xml, limits), limits);
  return files.map((file, index) => {
    const parsed = v.safeParse(fileSchema, file);
    if (parsed.success) return parsed.output;
    const { message, path } = parsed.issues[0];
    const where = path?.map(({ key }) => String(key)).join(".") ?? "whole";
    return refuse(`its file element${files.length === 1 ? "" : ` ${index + 1}`}, ${where}: ${message}`);
  });
}

function documentIn(xml: string, { maxLength = mostCharacters }: DocumentLimits): unknown {
  if (xml.length > maxLength) refuse(`it has ${xml.length} characters, expected at most ${maxLength}`);
  // Entities of its own could make a small document grow without end, or fetch files of ours.
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) refuse("it has a document type or entities of its own, expected none");
  // The parser closes what is open at the end, so a document that was cut off would pass with half an address.
  if (!/<\/([\w.-]+:)?metalink\s*>\s*(<!--(?:(?!-->)[^])*-->\s*)*$/.test(xml))
    refuse("it does not end with </metalink>");
  try {
    return parser().parse(xml);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function parser(): XMLParser {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    // Without it numeric character references stay as they are.
    htmlEntities: true,
    isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && listed.has(name),
  });
}

function fileElementsIn(document: unknown, { maxFiles = mostFiles }: DocumentLimits): readonly unknown[] {
  const metalink = v.safeParse(v.object({ metalink: v.looseObject({}) }), document);
  if (!metalink.success) return refuse("it has no metalink element with content");
  const { file: files, files: oldFiles } = metalink.output.metalink as { file?: unknown; files?: unknown };
  if (oldFiles !== undefined) refuse(`it is a Metalink 3, expected Metalink 4 (${metalinkNamespace})`);
  if (!Array.isArray(files)) return refuse("it names no file");
  if (files.length > maxFiles) refuse(`it names ${files.length} files, expected at most ${maxFiles}`);
  return files;
}
