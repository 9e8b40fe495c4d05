import { lastValueFrom, switchMap, take } from "rxjs";
import { output } from "../output.js";
import { lineWriter } from "../show/lineWriter.js";
import { openLink } from "./openLink.js";
import { reachDaemon } from "./reachDaemon.js";

export interface UiFlags {
  readonly open: boolean;
}

/** Runs `tributary ui`: prints the link of the page, and opens it where somebody sits at a terminal. */
export async function ui({ open }: UiFlags): Promise<void> {
  const asked = reachDaemon().pipe(
    switchMap(({ connection }) => connection.ask({ type: "link" })),
    take(1),
  );
  const { url } = await lastValueFrom(asked);
  lineWriter(output).write(url);
  if (open) openLink(url);
}
