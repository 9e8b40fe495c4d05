import { styleText } from "node:util";

/** Gives a text its role on the screen; what it looks like is the painter's business. */
export type Paint = (role: "title" | "good" | "bad" | "warning" | "faint", text: string) => string;

export const plain: Paint = (_, text) => text;

const styles = { title: "bold", good: "green", bad: "red", warning: "yellow", faint: "dim" } as const;

/** Colours as terminals know them. */
export const coloured: Paint = (role, text) => styleText(styles[role], text);

/** Colours unless the user asked for none: https://no-color.org */
export function paintFor(env: NodeJS.ProcessEnv): Paint {
  return env["NO_COLOR"] || env["TERM"] === "dumb" ? plain : coloured;
}
