import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../freePort.js";
import { listening } from "../listening.js";
import { hasNginx, startNginx } from "../rivals/startNginx.js";

/** A server that runs. */
interface Running {
  /** `http://host:port` */
  readonly origin: string;
  stop(): Promise<void>;
}

/** A program that serves folders. */
export interface RealServer {
  /** As the lab's dialects name it, without its version. */
  readonly name: string;
  /** Whether it can be run here. */
  isHere(): boolean;
  /** Serves the files of a folder; what it writes itself goes into the folder `own`. */
  start(files: string, own: string): Promise<Running>;
}

const host = "127.0.0.1";

/** Where it serves what; the config is a file that is written for it. */
interface Place {
  readonly files: string;
  readonly own: string;
  readonly port: number;
  readonly config: string;
}

interface Command {
  readonly words: (place: Place) => readonly [string, ...string[]];
  /** Words that end with 0 where it can be run; none for a program that only has to be there. */
  readonly needs?: readonly [string, ...string[]];
  readonly config?: (place: Place) => string;
}

// Debian's own Python has its modules, and its servers are where only root looks.
const env = { ...process.env, PATH: `/usr/bin:/usr/sbin:${process.env["PATH"] ?? ""}` };

/** One that is started by a command, which takes the port that it is told. */
function byCommand(name: string, { words, needs, config }: Command): RealServer {
  const [program] = words({ files: "", own: "", port: 0, config: "" });
  const [check, ...checked] = needs ?? [program, "--version"];
  return {
    name,
    isHere: () => {
      const { error, status } = spawnSync(check, checked, { stdio: "ignore", env });
      return error === undefined && (needs === undefined || status === 0);
    },
    start: async (files, own) => {
      const place = { files, own, port: await freePort(host), config: join(own, "config") };
      if (config !== undefined) await writeFile(place.config, config(place));
      const [, ...rest] = words(place);
      const child = spawn(program, rest, { cwd: own, stdio: "ignore", env, detached: true });
      const ended = once(child, "exit");
      const stop = async (): Promise<void> => {
        // Some leave the work to children.
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
        await ended;
      };
      await listening(host, place.port).catch(async (error: unknown) => {
        await stop();
        throw error;
      });
      return { origin: `http://${host}:${place.port}`, stop };
    },
  };
}

/** A program in Python around a library. */
function inPython(name: string, library: string, source: (place: Place) => string): RealServer {
  return byCommand(name, {
    words: (place) => ["python3", "-c", source(place)],
    needs: ["python3", "-c", `import ${library}`],
  });
}

const apacheModules = ["mpm_event", "authz_core", "mime"];

export const realServers: readonly RealServer[] = [
  byCommand("python3 -m http.server", {
    words: ({ files, port }) => ["python3", "-m", "http.server", `${port}`, "--bind", host, "--directory", files],
  }),
  byCommand("php -S", { words: ({ files, port }) => ["php", "-S", `${host}:${port}`, "-t", files] }),
  byCommand("busybox httpd", {
    words: ({ files, port }) => ["busybox", "httpd", "-f", "-p", `${host}:${port}`, "-h", files],
  }),
  {
    name: "nginx",
    isHere: hasNginx,
    start: async (files, own) => {
      const { origins, stop } = await startNginx(files, own, [host]);
      return { origin: origins[0] ?? "", stop };
    },
  },
  byCommand("mini_httpd", {
    words: ({ files, port }) => ["mini_httpd", "-D", "-p", `${port}`, "-h", host, "-d", files, "-u", "root"],
  }),
  byCommand("rclone serve http", {
    words: ({ files, port }) => ["rclone", "serve", "http", files, "--addr", `${host}:${port}`, "--config="],
  }),
  byCommand("rclone serve webdav", {
    words: ({ files, port }) => ["rclone", "serve", "webdav", files, "--addr", `${host}:${port}`, "--config="],
  }),
  byCommand("lighttpd", {
    words: ({ config }) => ["lighttpd", "-D", "-f", config],
    config: ({ files, port }) =>
      [
        `server.document-root = "${files}"`,
        `server.bind = "${host}"`,
        `server.port = ${port}`,
        `mimetype.assign = ( ".bin" => "application/octet-stream", ".gz" => "application/gzip" )`,
        "",
      ].join("\n"),
  }),
  byCommand("Apache", {
    words: ({ config }) => ["apache2", "-X", "-f", config],
    needs: ["apache2", "-v"],
    config: ({ files, own, port }) =>
      [
        ...apacheModules.map((each) => `LoadModule ${each}_module /usr/lib/apache2/modules/mod_${each}.so`),
        `ServerRoot ${own}`,
        `ServerName ${host}`,
        `Listen ${host}:${port}`,
        `PidFile ${own}/apache.pid`,
        `ErrorLog ${own}/apache.log`,
        "TypesConfig /etc/mime.types",
        "User www-data",
        "Group www-data",
        `DocumentRoot ${files}`,
        `<Directory ${files}>`,
        "Require all granted",
        "</Directory>",
        "",
      ].join("\n"),
  }),
  byCommand("webfs", { words: ({ files, port }) => ["webfsd", "-F", "-p", `${port}`, "-i", host, "-r", files] }),
  byCommand("WEBrick", {
    words: ({ files, port }) => ["ruby", "-run", "-e", "httpd", "--", files, "-p", `${port}`, "-b", host],
    needs: ["ruby", "-e", "require 'webrick'"],
  }),
  byCommand("h2o", {
    words: ({ config }) => ["h2o", "-c", config],
    config: ({ files, own, port }) =>
      [
        "user: root",
        `pid-file: ${own}/h2o.pid`,
        `listen: { host: ${host}, port: ${port} }`,
        "hosts:",
        "  default:",
        "    paths:",
        "      /:",
        `        file.dir: ${files}`,
        "",
      ].join("\n"),
  }),
  byCommand("Caddy", {
    words: ({ files, port }) => ["caddy", "file-server", "--root", files, "--listen", `${host}:${port}`],
    needs: ["caddy", "version"],
  }),
  byCommand("CivetWeb", {
    words: ({ files, port }) => ["civetweb", "-document_root", files, "-listening_ports", `${host}:${port}`],
  }),
  byCommand("Starman", {
    words: ({ files, port }) => [
      "starman",
      ...["--workers", "2", "--listen", `${host}:${port}`],
      ...["-MPlack::App::File", "-e", `Plack::App::File->new(root => "${files}")->to_app`],
    ],
  }),
  byCommand("Twisted", {
    words: ({ files, port }) => [
      ...([
        "twistd3",
        "-n",
        "--pidfile=",
        "web",
        "--path",
        files,
        "--listen",
        `tcp:${port}:interface=${host}`,
      ] as const),
    ],
  }),
  inPython(
    "aiohttp",
    "aiohttp",
    ({ files, port }) =>
      "from aiohttp import web; app = web.Application(); " +
      `app.add_routes([web.static("/", "${files}")]); web.run_app(app, host="${host}", port=${port})`,
  ),
  inPython(
    "Tornado",
    "tornado",
    ({ files, port }) =>
      "import tornado.ioloop as l, tornado.web as w; " +
      `w.Application([(r"/(.*)", w.StaticFileHandler, {"path": "${files}"})]).listen(${port}, "${host}"); ` +
      "l.IOLoop.current().start()",
  ),
  inPython(
    "Flask",
    "flask",
    ({ files, port }) =>
      `import flask; flask.Flask("lab", static_folder="${files}", static_url_path="").run("${host}", ${port})`,
  ),
  inPython(
    "Starlette",
    "starlette, uvicorn",
    ({ files, port }) =>
      "import uvicorn; from starlette.staticfiles import StaticFiles; " +
      `uvicorn.run(StaticFiles(directory="${files}"), host="${host}", port=${port})`,
  ),
  inPython(
    "WhiteNoise",
    "whitenoise, cheroot",
    ({ files, port }) =>
      "from cheroot.wsgi import Server; from whitenoise import WhiteNoise; " +
      `Server(("${host}", ${port}), WhiteNoise(lambda env, start: start("404 Not Found", []) or [b""], root="${files}", ` +
      "autorefresh=True)).start()",
  ),
  byCommand("Merecat", {
    words: ({ files, port, own, config }) => [
      ...(["merecat", "-n", "-f", config, "-P", join(own, "merecat.pid"), "-p", `${port}`, files] as const),
    ],
    config: () => 'hostname = "127.0.0.1"\nusername = "root"\n',
    needs: ["merecat", "-V"],
  }),
  byCommand("serve", { words: ({ files, port }) => ["serve", "-l", `tcp://${host}:${port}`, files] }),
  byCommand("http-server", { words: ({ files, port }) => ["http-server", files, "-p", `${port}`, "-a", host] }),
  byCommand("sirv-cli", { words: ({ files, port }) => ["sirv", files, "--port", `${port}`, "--host", host] }),
  byCommand("Express", {
    words: ({ files, port }) =>
      [...["node", "-e", `const e = require("express"); e().use(e.static("${files}")).listen(${port}, "${host}")`]] as [
        string,
        ...string[],
      ],
    needs: ["node", "-e", 'require("express")'],
  }),
];
