import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../freePort.js";
import { listening } from "../listening.js";

/** Whether nginx can be run here. */
export const hasNginx = (): boolean => spawnSync("nginx", ["-v"], { stdio: "ignore" }).error === undefined;

/** Serves the files of a folder on each host, from one nginx that keeps everything it writes in the folder `own`. */
export async function startNginx(files: string, own: string, hosts: readonly string[], more: Served = {}) {
  const { tls } = more;
  const placesOf = (scheme: Place["scheme"]) =>
    Promise.all(hosts.map(async (host) => ({ scheme, host, port: await freePort(host) })));
  const plain = await placesOf("http");
  const secure = tls === undefined ? [] : await placesOf("https");
  const places = [...plain, ...secure];
  const config = join(own, "nginx.conf");
  await writeFile(config, configOf(files, own, { ...more, places }));
  const child = spawn("nginx", ["-p", own, "-c", config, "-e", join(own, "error.log")], { stdio: "inherit" });
  await Promise.all(places.map(({ host, port }) => listening(host, port)));
  return {
    origins: plain.map(originOf),
    /** Over TLS, if there is a certificate. */
    secureOrigins: secure.map(originOf),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

/** A certificate for all hosts, and its key: paths of PEM files. */
interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** How the files are served, beside plainly. */
interface Served {
  readonly tls?: Tls;
  /** Headers of every answer, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Place {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
}

/** `sendfile` is what a mirror would use; its workers run as whoever runs this, since the folders are nobody else's. */
function configOf(
  files: string,
  own: string,
  { places, tls, headers = {} }: Served & { readonly places: readonly Place[] },
): string {
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `  ${kind}_temp_path ${own}/${kind};`,
  );
  const servers = places.map(
    ({ scheme, host, port }) =>
      `  server { listen ${host}:${port}${scheme === "https" ? " ssl" : ""}; root ${files}; }`,
  );
  const certificate = tls === undefined ? [] : [`  ssl_certificate ${tls.cert};`, `  ssl_certificate_key ${tls.key};`];
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
    ...Object.entries(headers).map(([name, value]) => `  add_header ${name} "${value}";`),
    ...certificate,
    ...servers,
    "}",
    "",
  ].join("\n");
}

const originOf = ({ scheme, host, port }: Place): string => `${scheme}://${host}:${port}`;
