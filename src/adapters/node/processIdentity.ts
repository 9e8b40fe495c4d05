import { readFileSync } from "node:fs";
import { isErrno } from "./localError.js";

/** Names a process for ever. A number alone does not: it is given out again, after a restart of the machine soon. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The run of the machine, where the system names it. */
  readonly boot?: string;
  /** When the process began, in ticks since the machine began, where the system tells. */
  readonly started?: string;
}

export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid, readIfAny(`/proc/${process.pid}/stat`));
}

/** Tells whether the process still runs. When the system does not tell enough to deny it, it does. */
export function isRunning(owner: ProcessIdentity): boolean {
  if (!answersSignals(owner.pid)) return false;
  const stat = readIfAny(`/proc/${owner.pid}/stat`);
  // Killed, but not yet taken note of by its parent.
  if (/^[ZX]$/.test(fieldsOf(stat)[0] ?? "")) return false;
  const now = identityOf(owner.pid, stat);
  return agree(owner.boot, now.boot) && agree(owner.started, now.started);
}

function identityOf(pid: number, stat: string | undefined): ProcessIdentity {
  const boot = readIfAny("/proc/sys/kernel/random/boot_id")?.trim();
  const started = fieldsOf(stat)[19];
  return { pid, ...(boot === undefined ? {} : { boot }), ...(started === undefined ? {} : { started }) };
}

/** The fields of proc_pid_stat(5) from the third on: before them stands the program's name, which may hold anything. */
function fieldsOf(stat: string | undefined): readonly string[] {
  return stat === undefined ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function agree(recorded: string | undefined, now: string | undefined): boolean {
  return recorded === undefined || now === undefined || recorded === now;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, "ESRCH");
  }
}

function readIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No such process, or a system without /proc.
    return undefined;
  }
}
