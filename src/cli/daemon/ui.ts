import { spawn } from "node:child_process";
import { lastValueFrom, take } from "rxjs";
import { output } from "../output.js";
import { lineWriter } from "../show/lineWriter.js";
import { reachDaemon } from "./reachDaemon.js";

export interface UiFlags {
  readonly open: boolean;
}

/** Runs `tributary ui`: prints the link of the page, and opens it where somebody sits at a terminal. */
export async function ui({ open }: UiFlags): Promise<void> {
  const { address } = await lastValueFrom(reachDaemon().pipe(take(1)));
  const link = `http://127.0.0.1:${address.port}/?token=${address.token}`;
  lineWriter(output).write(link);
  if (open && process.stdout.isTTY) openLink(link);
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
