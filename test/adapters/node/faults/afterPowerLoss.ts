import type { DiskChange } from "./RecordingDisk.js";

/** The files of a folder, by name. */
export type Folder = ReadonlyMap<string, Buffer>;

/** What became of a change that nobody had synced: it came to the disk, or did not, or of its bytes only the first did. */
export type Fate = "kept" | "lost" | "torn";

const sector = 512;

/**
 * The folder as a machine finds it that lost its power after these changes: those that were synced are there, of the others any may be, as file systems
 * promise no more. After CrashMonkey and ALICE (Pillai et al., OSDI 2014; Mohan et al., OSDI 2018).
 */
export function afterPowerLoss(changes: readonly DiskChange[], fateOf: (at: number) => Fate): Folder {
  const [names, files] = [new Map<string, number>(), new Map<number, Buffer>()];
  changes.forEach((change, at) => {
    const fate = isSynced(changes, at) ? "kept" : fateOf(at);
    if (fate !== "lost") apply(change, { names, files }, fate);
  });
  return new Map([...names].map(([name, file]) => [name, files.get(file) ?? Buffer.alloc(0)]));
}

function isSynced(changes: readonly DiskChange[], at: number): boolean {
  const change = changes[at];
  return changes.some((later, when) => {
    if (change === undefined || when < at) return false;
    if (later.kind === "sync")
      return "file" in change && change.kind !== "create" && change.file === later.file && at < later.upTo;
    return later.kind === "sync-folder" && ["create", "rename", "remove"].includes(change.kind) && at < later.upTo;
  });
}

interface State {
  readonly names: Map<string, number>;
  readonly files: Map<number, Buffer>;
}

function apply(change: DiskChange, { names, files }: State, fate: Exclude<Fate, "lost">): void {
  switch (change.kind) {
    case "create":
      names.set(change.name, change.file);
      return;
    case "rename": {
      const file = names.get(change.from);
      if (file === undefined) return;
      names.delete(change.from);
      names.set(change.to, file);
      return;
    }
    case "remove":
      names.delete(change.name);
      return;
    case "write": {
      const { file, offset } = change;
      const torn = Math.floor(change.bytes.length / 2 / sector) * sector;
      const bytes = fate === "torn" ? change.bytes.subarray(0, torn) : change.bytes;
      const old = files.get(file) ?? Buffer.alloc(0);
      const missing = Math.max(0, offset + bytes.length - old.length);
      const grown = missing === 0 ? old : Buffer.concat([old, Buffer.alloc(missing)]);
      bytes.copy(grown, offset);
      files.set(file, grown);
      return;
    }
    case "truncate": {
      const cut = Buffer.alloc(change.size);
      files.get(change.file)?.copy(cut);
      files.set(change.file, cut);
      return;
    }
    case "sync":
    case "sync-folder":
    case "told":
  }
}
