import { spawn } from "node:child_process";

/** Opens a link by the system's own way, where somebody sits at a terminal; where there is none, the link that was printed does. */
export function openLink(link: string): void {
  if (!process.stdout.isTTY) return;
  const { platform, env } = process;
  if (platform === "linux" && (env["DISPLAY"] ?? env["WAYLAND_DISPLAY"]) === undefined) return;
  const command = platform === "darwin" ? "open" : platform === "win32" ? "explorer" : "xdg-open";
  const child = spawn(command, [link], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
}
