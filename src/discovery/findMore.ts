import { catchError, map, type Observable, of, timeout } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { type Digest, digestFromHex } from "../manifest/Digest.js";
import { toHex } from "../manifest/hex.js";
import { bestOf } from "../manifest/HashType.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import type { Discovery } from "./Discovery.js";
import { type Finding, mayAsk } from "./Finding.js";
import { lastPart } from "./lastPart.js";
import { majority } from "./majority.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";

/** However many are named. */
const mostMirrors = 100;
/** Bytes that one more mirror has to be able to bring, so that it is worth its questions. */
const bytesOfMirror = 1024 * 1024;
/** How long a download waits for a description that only helps it. */
const patienceMs = 3000;

/** Digests of a file that its mirrors, or what they point to, told of beside their answers. */
export interface Found {
  readonly whole?: Digest;
  /** Digests of the file's chunks. */
  readonly pieces?: Pick<FileFacts, "chunkSize" | "digests" | "digestType">;
}

export interface FindMoreConfig {
  readonly finding: Finding;
  /** Bytes of the file, where they are known. */
  readonly size: number | undefined;
}

/**
 * Follows what the answers of mirrors tell of their file: other addresses of it are handed to `found`, a Metalink that describes it is read, where
 * the file is large enough to gain by that. Emits once what digests are known then. Never errors: a description that does not come in time, or is of something
 * else, is as if nobody had named it.
 */
export function findMore(
  answered: readonly AnsweredMirror[],
  { finding, size }: FindMoreConfig,
  { clock }: Pick<Discovery, "clock">,
): Observable<Found> {
  const isWorthIt = size !== undefined && size >= bytesOfMirror;
  const named = answered.flatMap(({ mirror: { id }, said: { announced } }) => {
    const may = (url: string): boolean => mayAsk(url, id, finding.isPrivate);
    const { digests = [], duplicates = [], describedBy = [] } = announced ?? {};
    return [{ id, digests, duplicates: duplicates.filter(may), describedBy: describedBy.filter(may) }];
  });
  const whole = bestOf(named.flatMap(({ digests }) => digests.filter(({ type }) => finding.hashes(type))));
  const told = named.flatMap(({ id, describedBy }) => describedBy.slice(0, 1).map((url) => ({ id, url })));
  const [description] = isWorthIt ? told : [];
  const described = description === undefined ? of(undefined) : fileAt(description.url, size);
  return described.pipe(
    map((file) => {
      const may = (url: string): boolean =>
        description !== undefined &&
        [description.url, description.id].every((by) => mayAsk(url, by, finding.isPrivate));
      const urls = [...named.flatMap(({ duplicates }) => duplicates), ...(file?.urls ?? []).filter(may)];
      const others = [...new Set(urls)].filter((url) => !named.some(({ id }) => id === url));
      const most = Math.min(mostMirrors, Math.floor((size ?? 0) / bytesOfMirror));
      if (others.length > 0 && most > 0) finding.found(others.slice(0, most));
      return digestsIn(file, whole);
    }),
  );

  function fileAt(url: string, bytes: number | undefined): Observable<MetalinkFile | undefined> {
    const names = named.map(({ id }) => lastPart(id));
    return finding.read(url).pipe(
      map((files) => {
        const [only] = files.length === 1 ? files : files.filter(({ name }) => names.includes(name));
        return only?.size === undefined || only.size === bytes ? only : undefined;
      }),
      timeout({ first: patienceMs, scheduler: clock }),
      // A description is no more than help; the file can be had without.
      catchError(() => of(undefined)),
    );
  }

  function digestsIn(file: MetalinkFile | undefined, told: Digest | undefined): Found {
    const { hash, manifest, pieces = manifest } = file ?? {};
    const said = hash && finding.hashes(hash.type) ? digestFromHex(hash.type, hash.hex) : undefined;
    const whole = bestOf([told, said].filter((digest) => digest !== undefined));
    const type = file?.pieces?.digestType ?? "sha-256";
    const cut = pieces && { chunkSize: pieces.chunkSize, digests: pieces.digests, digestType: type };
    return { ...(whole && { whole }), ...(cut && finding.hashes(type) && { pieces: cut }) };
  }
}

/** The mirrors that do not contradict the digest that most of them tell of their file; the others are refused. */
export function agreeingOnDigest(
  answered: readonly AnsweredMirror[],
  refuse: (mirror: Mirror, error: DownloadError) => void,
): readonly AnsweredMirror[] {
  const best = bestOf(answered.flatMap(({ said }) => said.announced?.digests ?? []));
  if (best === undefined) return answered;
  const digestOf = ({ said }: AnsweredMirror): Digest | undefined =>
    said.announced?.digests.find(({ type }) => type === best.type);
  const telling = answered.filter((each) => digestOf(each) !== undefined);
  const { others } = majority(telling, (each) => toHex(digestOf(each)?.bytes ?? new Uint8Array()));
  for (const { mirror } of others) {
    const text = `${mirror.id} says that its file has another digest than most mirrors say`;
    refuse(mirror, new DownloadError("RESOURCE_CHANGED", text, { peer: mirror.id }));
  }
  return answered.filter((each) => !others.includes(each));
}
