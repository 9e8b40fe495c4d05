import { catchError, map, type Observable, of, timeout } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { type Digest, digestFromHex } from "../manifest/Digest.js";
import { toHex } from "../manifest/hex.js";
import { bestOf } from "../manifest/HashType.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import type { Discovery } from "./Discovery.js";
import type { NamedAddress, PeerOrigin } from "../peers/NamedAddress.js";
import { type Finding, mayAsk, type Namer } from "./Finding.js";
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
  const named = answered.map(({ mirror, said: { announced } }) => {
    const { id } = mirror;
    const by = { url: id, isPrivate: mirror.isPrivate ?? finding.isPrivate(id) };
    const { digests = [], duplicates = [], describedBy = [] } = announced ?? {};
    return {
      id,
      by,
      digests,
      duplicates: namedBy(duplicates, by, "header"),
      describedBy: namedBy(describedBy, by, "header"),
    };
  });
  const whole = bestOf(named.flatMap(({ digests }) => digests.filter(({ type }) => finding.hashes(type))));
  const told = named.flatMap(({ by, describedBy }) => describedBy.slice(0, 1).map((at) => ({ by, at })));
  const [description] = isWorthIt ? told : [];
  const described = description === undefined ? of(undefined) : fileAt(description.at, size);
  return described.pipe(
    map((file) => {
      const described = description && file ? namedIn(file, description.at.url, description.by) : [];
      const all = [...named.flatMap(({ duplicates }) => duplicates), ...described];
      const others = freest(all).filter(({ url }) => !named.some(({ id }) => id === url));
      const most = Math.min(mostMirrors, Math.floor((size ?? 0) / bytesOfMirror));
      if (others.length > 0 && most > 0) finding.found(others.slice(0, most));
      return digestsIn(file, whole);
    }),
  );

  function namedBy(urls: readonly string[], by: Namer, source: PeerOrigin): readonly NamedAddress[] {
    const may = urls.filter((url) => mayAsk(url, by, finding.isPrivate));
    return may.map((url) => ({ url, publicOnly: !by.isPrivate, source }));
  }

  /** The addresses in a document that its own one and the mirror that named it may name. */
  function namedIn({ urls, publicOnly = false }: MetalinkFile, url: string, by: Namer): readonly NamedAddress[] {
    const document = { url, isPrivate: !publicOnly };
    const may = namedBy(urls, by, "metalink").filter(({ url }) => mayAsk(url, document, finding.isPrivate));
    return may.map((each) => ({ ...each, publicOnly: publicOnly || each.publicOnly }));
  }

  function fileAt(at: NamedAddress, bytes: number | undefined): Observable<MetalinkFile | undefined> {
    const names = named.map(({ id }) => lastPart(id));
    return finding.read(at).pipe(
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

/** Each address once, by the word that lets it lead further. */
function freest(all: readonly NamedAddress[]): readonly NamedAddress[] {
  const first = new Map([...all].reverse().map((each) => [each.url, each]));
  return [...new Set(all.map(({ url }) => url))].flatMap((url) => {
    const publicOnly = all.every((each) => each.url !== url || each.publicOnly);
    return { url, publicOnly, source: first.get(url)?.source ?? "header" };
  });
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
