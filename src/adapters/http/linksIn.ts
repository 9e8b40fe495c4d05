/** A link of an answer, as RFC 8288 has it. */
export interface Link {
  /** As it is written: it may be relative. */
  readonly target: string;
  /** Parameters by their names in small letters; of several of one name the first, as the RFC asks. */
  readonly params: Readonly<Record<string, string>>;
}

/** A target in angle brackets, and whatever stands up to the comma before the next one; commas in quotes are no end. */
const link = /<([^<>]*)>((?:[^,"<>]|"(?:[^"\\]|\\.)*")*)/g;
const param = /;\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?/g;

/** The links of a Link field, in their order; what is none is passed over. */
export function linksIn(field: string): readonly Link[] {
  return Array.from(field.matchAll(link), ([, target = "", rest = ""]) => {
    const params = new Map<string, string>();
    for (const [, name = "", quoted, token = ""] of rest.matchAll(param)) {
      const key = name.toLowerCase();
      if (!params.has(key)) params.set(key, quoted?.replace(/\\(.)/g, "$1") ?? token);
    }
    return { target: target.trim(), params: Object.fromEntries(params) };
  });
}
