import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isErrno } from "./localError.js";

/** Names a process for ever. A number alone does not: it is given out again, after a restart of the machine soon. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The run of the machine, where the system names it. */
  readonly boot?: string;
  /** Where its number means this process: its namespace of numbers, as of a container, or where the system has none its machine. */
  readonly space?: string;
  /** When the process began, in ticks since the machine began, where the system tells. */
  readonly started?: string;
}

export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid, readIfAny(`/proc/${process.pid}/stat`));
}

/**
 * Tells whether the process is, or was, one whose number means it here, so that `isRunning` can tell. Containers, and machines that share a disk, have numbers
 * of their own.
 */
export function isOfHere({ boot, space }: ProcessIdentity): boolean {
  const here = ownPlace();
  return agree(boot, here.boot) && agree(space, here.space);
}

/** Tells whether the process, which is of here, still runs. When the system does not tell enough to deny it, it does. */
export function isRunning(owner: ProcessIdentity): boolean {
  if (!answersSignals(owner.pid)) return false;
  const stat = readIfAny(`/proc/${owner.pid}/stat`);
  // Killed, but not yet taken note of by its parent.
  if (/^[ZX]$/.test(fieldsOf(stat)[0] ?? "")) return false;
  const now = identityOf(owner.pid, stat);
  return agree(owner.started, now.started);
}

function identityOf(pid: number, stat: string | undefined): ProcessIdentity {
  const started = fieldsOf(stat)[19];
  return { pid, ...ownPlace(), ...(started === undefined ? {} : { started }) };
}

function ownPlace(): Pick<ProcessIdentity, "boot" | "space"> {
  const boot = readIfAny("/proc/sys/kernel/random/boot_id")?.trim();
  return boot === undefined ? { space: hostname() } : { boot, space: ownNamespace() };
}

function ownNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    // A system that tells its run and no namespaces.
    return hostname();
  }
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
