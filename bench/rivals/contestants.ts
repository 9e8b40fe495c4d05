import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a tool is asked to do. */
export interface Job {
  readonly urls: readonly [string, ...string[]];
  /** A `.meta4` with digests and the same URLs, if the row has one. */
  readonly metalink: string | undefined;
  /** Authority to trust for `https://`, PEM; only tools that can be given one are asked. */
  readonly ca?: string;
  readonly folder: string;
  /** Name of the file in `folder`. */
  readonly name: string;
}

/** A tool with the flags that an expert would give it. */
export interface Contestant {
  readonly name: string;
  /** The words that start it. */
  readonly command: readonly [string, ...string[]];
  /** Package of Debian that has it. */
  readonly debian?: string;
  /** What is the same for every job. */
  readonly flags: readonly string[];
  /** What is of this job, after the flags; nothing when the tool has no way to do it. */
  readonly words: (job: Job) => readonly string[] | undefined;
}

const tributary = fileURLToPath(new URL("../../dist/tributary.js", import.meta.url));
const one = ({ urls }: Job): string | undefined => (urls.length === 1 ? urls[0] : undefined);

/** Words for a tool that knows a single source. */
const ofOne =
  (words: (url: string, out: string) => readonly string[]): Contestant["words"] =>
  (job) => {
    const url = one(job);
    return url === undefined ? undefined : words(url, join(job.folder, job.name));
  };

export const contestants: readonly Contestant[] = [
  {
    name: "tributary",
    command: [process.execPath, tributary, "get"],
    // What it has learned of peers in one run is not to help it in the next.
    flags: ["-q", "--no-catalogue"],
    words: ({ urls, metalink, ca, folder, name }) => [
      ...(metalink === undefined ? urls : [metalink]),
      ...(ca === undefined ? [] : ["--ca", ca]),
      ...["-o", join(folder, name)],
    ],
  },
  {
    name: "aria2",
    command: ["aria2c"],
    debian: "aria2",
    flags: [
      ...["--no-conf", "-q", "--file-allocation=none", "--auto-file-renaming=false", "--auto-save-interval=1"],
      ...["--split=8", "--max-connection-per-server=8", "--min-split-size=1M", "--retry-wait=1", "--max-tries=10"],
      ...["--timeout=8", "--connect-timeout=5", "--lowest-speed-limit=30K", "--continue=true"],
    ],
    words: ({ urls, metalink, ca, folder, name }) => [
      ...[`--dir=${folder}`, `--out=${name}`],
      // Without it aria2 would refuse the mirrors: it trusts the system's authorities, and this one is made for the run.
      ...(ca === undefined ? [] : [`--ca-certificate=${ca}`]),
      ...(metalink === undefined ? urls : ["--check-integrity=true", `--metalink-file=${metalink}`]),
    ],
  },
  {
    name: "axel",
    command: ["axel"],
    debian: "axel",
    flags: ["-q", "-n", "8", "-T", "8"],
    words: ({ urls, folder, name }) => ["-o", join(folder, name), ...urls],
  },
  {
    name: "curl",
    command: ["curl"],
    debian: "curl",
    flags: [
      ...["-q", "-sS", "-f", "-L", "--retry", "10", "--retry-all-errors", "--retry-max-time", "40"],
      ...["--connect-timeout", "5", "--speed-limit", "30000", "--speed-time", "4", "-C", "-"],
    ],
    words: ofOne((url, out) => ["-o", out, url]),
  },
  {
    name: "wget",
    command: ["wget"],
    debian: "wget",
    flags: [
      ...["--no-config", "-q", "-c", "--tries=10", "--waitretry=1", "--timeout=8", "--retry-connrefused"],
      "--retry-on-http-error=429,500,503",
    ],
    words: ofOne((url, out) => ["-O", out, url]),
  },
  {
    name: "wget2",
    command: ["wget2"],
    debian: "wget2",
    // With -c its chunks never end, not even those of a server without faults.
    flags: [
      ...["--no-config", "-q", "--tries=10", "--waitretry=1", "--timeout=8", "--retry-connrefused"],
      ...["--chunk-size=1M", "--max-threads=8"],
    ],
    words: (job) => {
      const { metalink, folder, name } = job;
      if (metalink !== undefined) return ["-P", folder, "--force-metalink", "-i", metalink];
      const url = one(job);
      return url === undefined ? undefined : ["-O", join(folder, name), url];
    },
  },
  {
    name: "rclone",
    command: ["rclone", "copyto"],
    debian: "rclone",
    flags: [
      ...["-q", "--multi-thread-streams=8", "--multi-thread-cutoff=1M", "--retries=3"],
      ...["--retries-sleep=1s", "--low-level-retries=10", "--timeout=8s", "--contimeout=5s", "--config="],
    ],
    words: ofOne((url, out) => {
      const { origin, pathname } = new URL(url);
      return [...["--http-url", origin], `:http:${pathname.slice(1)}`, out];
    }),
  },
];

/** Whether its program can be run here. */
export function isHere({ command: [program] }: Contestant): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** The command line of one job, or nothing when the tool has no way to do it. */
export function commandLine({ command, flags, words }: Contestant, job: Job): CommandLine | undefined {
  const ofJob = words(job);
  return ofJob === undefined ? undefined : [...command, ...flags, ...ofJob];
}

export type CommandLine = readonly [string, ...string[]];
