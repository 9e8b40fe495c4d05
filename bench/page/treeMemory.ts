import { readdirSync, readFileSync } from "node:fs";

/** Memory of the processes of a browser, bytes; pages that processes share are counted once, in parts (PSS). */
export interface TreeMemory {
  readonly all: number;
  /** That of the processes that run pages. */
  readonly renderers: number;
}

/** Memory of all processes that descend from this one and are of a browser. */
export function treeMemory(): TreeMemory {
  const parents = new Map(readdirSync("/proc").flatMap((pid) => (/^\d+$/.test(pid) ? [[pid, parentOf(pid)]] : [])));
  const isOurs = (pid: string | undefined): boolean =>
    pid !== undefined && (pid === String(process.pid) || isOurs(parents.get(pid)));
  let [all, renderers] = [0, 0];
  for (const pid of parents.keys()) {
    const words = commandLine(pid);
    if (!isOurs(pid) || !words.includes("chrom")) continue;
    const bytes = proportional(pid);
    all += bytes;
    if (words.includes("--type=renderer")) renderers += bytes;
  }
  return { all, renderers };
}

function parentOf(pid: string): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
}

const commandLine = (pid: string): string => read(`/proc/${pid}/cmdline`);

function proportional(pid: string): number {
  const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/** The text of a file of /proc; nothing when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
