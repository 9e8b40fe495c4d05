import { SaxesParser } from "saxes";
import { excerpt } from "../../errors/excerpt.js";
import { refuse } from "./refuse.js";

/** An element that we read, with its own text; names are without prefixes. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/**
 * The children that are read, by the name of their parent: those of Metalink 4 (RFC 5854), and of Metalink 3, which has some of them one level deeper. Others
 * are passed over, with all that is in them.
 */
const readIn: Readonly<Record<string, readonly string[]>> = {
  metalink: ["files", "file"],
  files: ["file"],
  file: ["size", "hash", "pieces", "url", "verification", "resources"],
  verification: ["hash", "pieces"],
  resources: ["url"],
  pieces: ["hash"],
};

const mostNested = 100;
const mostAttributes = 100;

export interface ScanConfig {
  /** An element begins. An error thrown here ends the scan. */
  readonly onOpen: (element: Element, parent: Element | undefined) => void;
  /** An element has ended; whether its parent keeps it. */
  readonly onClose: (element: Element) => boolean;
}

/**
 * Reads a document once, from its start, in a time that grows with its length and no faster. Elements can be refused as they begin and end,
 * so that no more of them is ever held than the limits allow.
 *
 * @throws DownloadError `INVALID_MANIFEST` when it is no well-formed XML, has a document type, or is nested too deep.
 */
export function scanFiles(xml: string, { onOpen, onClose }: ScanConfig): void {
  const parser = new SaxesParser();
  const open: (Element | undefined)[] = [];
  let attributes = 0;
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };

  parser.on("error", ({ message }) => refuse(`it is no well-formed XML at ${excerpt(message.replace(/\.$/, ""))}`));
  // Entities of its own could make a small document grow without end, or fetch files of ours.
  parser.on("doctype", () => refuse("it has a document type, expected none"));
  parser.on("opentagstart", () => (attributes = 0));
  parser.on("attribute", () => {
    attributes += 1;
    if (attributes > mostAttributes) refuse(`an element has more than ${mostAttributes} attributes`);
  });
  parser.on("opentag", ({ name: fullName, attributes }) => {
    if (open.length === mostNested) refuse(`its elements are nested deeper than ${mostNested}`);
    const name = local(fullName);
    const parent = open.at(-1);
    const isRead = open.length === 0 || (parent !== undefined && readIn[parent.name]?.includes(name) === true);
    const element = isRead ? { name, attributes, children: [], text: "" } : undefined;
    if (element !== undefined) onOpen(element, parent);
    open.push(element);
  });
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const element = open.pop();
    if (element !== undefined && onClose(element)) open.at(-1)?.children.push(element);
  });
  // Space before the document is of no meaning, though XML wants none before its declaration.
  parser.write(xml.trimStart()).close();
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
