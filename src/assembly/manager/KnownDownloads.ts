import type { DownloadRecord } from "../../control/ManagerRecord.js";
import type { ManagedDownload } from "./ManagedDownload.js";

/** Words of a download that can be planned. */
export type Plannable = Pick<DownloadRecord, "added" | "isForeign">;

/** Downloads that words would bring, as far as they are in the list; `isAll` where no other is missing. */
interface Listed {
  readonly listed: readonly ManagedDownload[];
  readonly isAll: boolean;
}

/**
 * The downloads of a list by their words: two of the same ones bring the same file to the same place. The files of a Metalink are had by the words of its
 * entry, too.
 */
export class KnownDownloads {
  readonly #own = new Map<string, ManagedDownload>();
  readonly #ofEntries = new Map<string, ManagedDownload[]>();

  /** Index of downloads as they stand in line; of several of the same words that which has not ended counts, or else the last. */
  constructor(inOrder: readonly ManagedDownload[]) {
    for (const each of inOrder.filter(({ hasEnded }) => hasEnded)) this.note(each);
    for (const each of inOrder.filter(({ hasEnded }) => !hasEnded)) this.note(each);
    for (const each of inOrder) {
      const { entry, ...record } = each.record;
      if (entry === undefined) continue;
      const words = wordsOf({ ...record, added: { ...record.added, options: entry.options } });
      const files = this.#ofEntries.get(words);
      if (files === undefined) this.#ofEntries.set(words, [each]);
      else files.push(each);
    }
  }

  note(download: ManagedDownload): void {
    this.#own.set(wordsOf(download.record), download);
  }

  of(plannable: Plannable): Listed {
    const words = wordsOf(plannable);
    const own = this.#own.get(words);
    const files = this.#ofEntries.get(words) ?? [];
    // Whoever has these very words brings what is missing, or has not read its Metalink yet.
    if (own !== undefined) return { listed: [own, ...files.filter((file) => file !== own)], isAll: true };
    const counts = files.flatMap(({ record }) => record.entry?.files ?? []);
    return { listed: files, isAll: counts.length > 0 && files.length >= Math.max(...counts) };
  }
}

/** Words by which one file of a Metalink is had again. */
export function selecting({ added }: Plannable, name: string): DownloadRecord["added"] {
  return { ...added, options: { ...added.options, select: [name] } };
}

function wordsOf({ added: { sources, options }, isForeign = false }: Plannable): string {
  return JSON.stringify([sources, options, isForeign]);
}
