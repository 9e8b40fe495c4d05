import { isMetalink } from "../../command.js";

/** Facts of what `get` is asked for, as far as the words alone tell: each is true unless it is known to be otherwise. */
export interface Asked {
  /** True where there may be several files. */
  readonly files: boolean;
  readonly metalink: boolean;
  readonly mirrors: boolean;
  /** True where a certificate may have to be checked. */
  readonly tls: boolean;
  /** True where somebody may be asked who is no mirror. */
  readonly seeders: boolean;
  /** True where more than one peer may be asked. */
  readonly peers: boolean;
}

interface Words {
  readonly sources: readonly string[];
  /** True where a list names the files. */
  readonly isList: boolean;
  /** True where what answers tell of is followed. */
  readonly discovery: boolean;
  /** True where peers are found that nobody named. */
  readonly finds: boolean;
}

/** Facts that the words of a command tell. The lone address of a mirror may turn out to be that of a Metalink. */
export function askedIn({ sources, isList, discovery, finds }: Words): Asked {
  const mirrors = sources.filter((source) => /^https?:/i.test(source));
  const isDocument = isList || sources.some(isMetalink) || (sources.length === 1 && mirrors.length === 1);
  const isTold = isDocument || (discovery && mirrors.length > 0);
  return {
    files: isDocument,
    metalink: isTold,
    mirrors: isDocument || mirrors.length > 0,
    // Mirrors redirect to where they like.
    tls: isDocument || mirrors.length > 0 || sources.some((source) => /^wss:/i.test(source)),
    seeders: isTold || mirrors.length < sources.length,
    peers: isTold || finds || sources.length > 1,
  };
}
