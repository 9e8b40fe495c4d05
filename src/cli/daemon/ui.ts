import { spawn } from "node:child_process";
import { lastValueFrom } from "rxjs";
import { output } from "../output.js";
import { lineWriter } from "../show/lineWriter.js";
import { askDaemon } from "./reachDaemon.js";

export interface UiFlags {
  readonly open: boolean;
}

/** Runs `tributary ui`: prints the link of the page, and opens it where somebody sits at a terminal. */
export async function ui({ open }: UiFlags): Promise<void> {
  const { url } = await lastValueFrom(askDaemon({ type: "link" }));
  lineWriter(output).write(url);
  if (open && process.stdout.isTTY) openLink(url);
}

/** The system's own way to open a link; where there is none, the link that was printed does. */
function openLink(link: string): void {
  const { platform, env } = process;
  if (platform === "linux" && (env["DISPLAY"] ?? env["WAYLAND_DISPLAY"]) === undefined) return;
  const command = platform === "darwin" ? "open" : platform === "win32" ? "explorer" : "xdg-open";
  const child = spawn(command, [link], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
}
