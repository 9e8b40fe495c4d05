import { readdirSync, readFileSync } from "node:fs";

/** Ticks of the kernel's clock a second, as all common systems have them. */
const ticks = 100;

/** Resident memory of a process, bytes. */
export function residentBytes(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]);
}

/** CPU time that a process has taken, s. */
export function cpuSeconds(pid: number): number {
  return secondsOf(statOf(String(pid)));
}

/** CPU time that all renderers of browsers that this process started have taken, s. */
export function rendererSeconds(): number {
  const stats = readdirSync("/proc").flatMap((pid) => (/^\d+$/.test(pid) ? [{ pid, words: statOf(pid) }] : []));
  const parents = new Map(stats.map(({ pid, words }) => [pid, words[1]]));
  const isOurs = (pid: string | undefined): boolean =>
    pid !== undefined && (pid === String(process.pid) || isOurs(parents.get(pid)));
  return stats
    .filter(({ pid }) => read(`/proc/${pid}/cmdline`).includes("--type=renderer") && isOurs(pid))
    .reduce((sum, { words }) => sum + secondsOf(words), 0);
}

function secondsOf(words: readonly string[]): number {
  return (Number(words[11]) + Number(words[12])) / ticks;
}

/** Fields of a process from its state on: its parent is the second one, its CPU time the twelfth and thirteenth. */
function statOf(pid: string): readonly string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Text of a file of /proc; nothing when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
