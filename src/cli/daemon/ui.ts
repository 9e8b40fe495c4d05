import { lastValueFrom } from "rxjs";
import { output } from "../output.js";
import { lineWriter } from "../show/lineWriter.js";
import { openLink } from "./openLink.js";
import { neededPageFolder } from "./pageFolder.js";
import { askDaemon } from "./reachDaemon.js";

export interface UiFlags {
  readonly open: boolean;
}

/** Runs `tributary ui`: prints the link of the page, and opens it where somebody sits at a terminal. */
export async function ui({ open }: UiFlags): Promise<void> {
  neededPageFolder();
  const { url } = await lastValueFrom(askDaemon({ type: "link" }));
  lineWriter(output).write(url);
  if (open) openLink(url);
}
