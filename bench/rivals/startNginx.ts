import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../freePort.js";
import { listening } from "../listening.js";

/** Whether nginx can be run here. */
export const hasNginx = (): boolean => spawnSync("nginx", ["-v"], { stdio: "ignore" }).error === undefined;

/** Serves the files of a folder on each host, from one nginx that keeps everything it writes in the folder `own`. */
export async function startNginx(files: string, own: string, hosts: readonly string[]) {
  const places = await Promise.all(hosts.map(async (host) => ({ host, port: await freePort(host) })));
  const config = join(own, "nginx.conf");
  await writeFile(config, configOf(files, own, places));
  const child = spawn("nginx", ["-p", own, "-c", config, "-e", join(own, "error.log")], { stdio: "inherit" });
  await Promise.all(places.map(({ host, port }) => listening(host, port)));
  return {
    origins: places.map(({ host, port }) => `http://${host}:${port}`),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** `sendfile` is what a mirror would use; its workers run as whoever runs this, since the folders are nobody else's. */
function configOf(files: string, own: string, places: readonly Place[]): string {
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `  ${kind}_temp_path ${own}/${kind};`,
  );
  const servers = places.map(({ host, port }) => `  server { listen ${host}:${port}; root ${files}; }`);
  return [
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    "daemon off;",
    "worker_processes 2;",
    `pid ${own}/nginx.pid;`,
    "events { worker_connections 512; }",
    "http {",
    "  access_log off;",
    "  sendfile on;",
    "  tcp_nopush on;",
    "  keepalive_requests 100000;",
    ...temp,
    ...servers,
    "}",
    "",
  ].join("\n");
}
