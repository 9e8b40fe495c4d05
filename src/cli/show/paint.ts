import { styleText } from "node:util";

/** Meaning of a text on the screen; its looks are the painter's business. */
export type Role = "title" | "good" | "bad" | "warning" | "faint" | "active" | "kept";

/** Gives a text its role on the screen. */
export type Paint = (role: Role, text: string) => string;

export const plain: Paint = (_, text) => text;

const styles = {
  title: "bold",
  good: "green",
  bad: "red",
  warning: "yellow",
  faint: "dim",
  active: "cyan",
  kept: "blue",
} as const satisfies Record<Role, string>;

/** Colours as terminals know them. `paintFor` has decided that they are wanted; Node is not to decide again. */
export const coloured: Paint = (role, text) => styleText(styles[role], text, { validateStream: false });

/** Colours unless the user asked for none: https://no-color.org */
export function paintFor(env: NodeJS.ProcessEnv): Paint {
  return env["NO_COLOR"] || env["TERM"] === "dumb" ? plain : coloured;
}
