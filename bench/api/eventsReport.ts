import { join } from "node:path";
import prettier from "prettier";
import ts from "typescript";
import { doorsOf } from "./doors.js";
import { type EventField, type EventUnion, readEvents } from "./readEvents.js";

/** Unions of events that users read, by their door, and what gives them. */
const unions = [
  {
    door: "rx-tributary",
    name: "DownloadEvent",
    from: "`download`, `downloadFile` and `downloadToBlob`. `download-completed` of `downloadFile` has a `path`, too, of `downloadToBlob` a `blob` and its `name`",
  },
  { door: "rx-tributary/node", name: "ListEvent", from: "`events` of `downloadAll`" },
  { door: "rx-tributary/node", name: "ServeEvent", from: "`serveFiles`" },
  { door: "rx-tributary/operators", name: "RetryEvent", from: "`onEvent` of `retryWithPeerSwitch` and `askPeers`" },
] as const;

const head = `# Events

What happens is told as plain data. A field with \`?\` may be missing. \`tributary get --json\` prints the same. \`npm run api\` writes this file anew, from the declarations and their comments.

`;

export const eventsPath = (checkout: string): string => join(checkout, "docs", "events.md");

/** The unions of events of a checkout as it is built. */
export function eventUnions(checkout: string): readonly (EventUnion & { readonly name: string })[] {
  const doors = doorsOf(checkout);
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, skipLibCheck: true, strict: true };
  const program = ts.createProgram([...doors.values()], options);
  return unions.map(({ door, name }) => ({ name, ...readEvents(program, doors.get(door) ?? door, name) }));
}

/** Tables of every type of event: when it is said, and its fields. */
export function eventsReport(checkout: string): Promise<string> {
  const sections = eventUnions(checkout).map((union, n) => section(union, unions[n]?.from ?? ""));
  return prettier.format(head + sections.join("\n"), { parser: "markdown", printWidth: 120 });
}

function section({ name, text, events, common }: EventUnion & { readonly name: string }, from: string): string {
  const rows = events.map((event) => [code(event.type), event.text, event.fields.map(fieldName).join(", ")]);
  const fields = [...common, ...events.flatMap((event) => event.fields)];
  const names = [...new Set(fields.map((field) => field.name))];
  const meanings = names.map((each) => meaningOf(fields.filter((field) => field.name === each)));
  return [
    `## ${name}\n\n${text} From ${from}.\n`,
    table(["type", "said when", "fields"], rows),
    `Fields:\n`,
    table(["field", "type", "is"], meanings),
  ].join("\n");
}

/** A field's row: its types and its meanings, each once. */
function meaningOf(fields: readonly EventField[]): readonly string[] {
  const [{ name } = { name: "" }] = fields;
  const types = [...new Set(fields.map(({ type }) => code(type)))];
  const texts = [...new Set(fields.map(({ text }) => text).filter((text) => text !== ""))];
  return [code(name), types.join(", "), texts.join(" Or: ")];
}

const code = (text: string): string => `\`${text.replaceAll(/\s+/g, " ")}\``;

/** A field with its value, where it has only one or a few. */
function fieldName({ name, type, isOptional }: EventField): string {
  const value = type.startsWith('"') ? `: ${type}` : "";
  return code(`${name}${isOptional ? "?" : ""}${value}`);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line), ""].join("\n");
}
