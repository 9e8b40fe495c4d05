import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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
  readonly name: string;
  /** Whether it can be run here. */
  isHere(): boolean;
  /** Serves the files of a folder; what it writes itself goes into the folder `own`. */
  start(files: string, own: string): Promise<Running>;
}

const host = "127.0.0.1";

/** One that is started by a command, which takes the port that it is told. */
function byCommand(name: string, wordsFor: (files: string, port: number) => readonly string[]): RealServer {
  const [program = name] = wordsFor("", 0);
  return {
    name,
    isHere: () => spawnSync(program, ["--help"], { stdio: "ignore" }).error === undefined,
    start: async (files) => {
      const port = await freePort(host);
      const [, ...words] = wordsFor(files, port);
      const child = spawn(program, words, { cwd: files, stdio: "ignore" });
      const ended = once(child, "exit");
      await listening(host, port);
      return {
        origin: `http://${host}:${port}`,
        stop: async () => {
          child.kill();
          await ended;
        },
      };
    },
  };
}

export const realServers: readonly RealServer[] = [
  byCommand("python3 -m http.server", (_files, port) => ["python3", "-m", "http.server", `${port}`, "--bind", host]),
  byCommand("php -S", (files, port) => ["php", "-S", `${host}:${port}`, "-t", files]),
  byCommand("busybox httpd", (files, port) => ["busybox", "httpd", "-f", "-p", `${host}:${port}`, "-h", files]),
  {
    name: "nginx",
    isHere: hasNginx,
    start: async (files, own) => {
      const { origins, stop } = await startNginx(files, own, [host]);
      return { origin: origins[0] ?? "", stop };
    },
  },
];
