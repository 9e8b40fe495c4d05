import {
  catchError,
  combineLatest,
  concatMap,
  EMPTY,
  ignoreElements,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
} from "rxjs";
import type { Agreement } from "../download/Agreement.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { plainFile } from "../manifest/plainFile.js";
import { isMetalinkType } from "../protocol/isMetalinkType.js";
import { admitEarlyMirrors } from "./admitEarlyMirrors.js";
import { admitLateMirrors } from "./admitLateMirrors.js";
import { haveOneName } from "./checkOneFile.js";
import { crowd } from "./crowd.js";
import type { Discovery } from "./Discovery.js";
import type { FileRequest } from "./FileRequest.js";
import { fileOfMirrors, wholeOf } from "./fileOfMirrors.js";
import type { Finding } from "./Finding.js";
import { agreeingOnDigest, findMore, type Found } from "./findMore.js";
import { firstMirror, type Founder } from "./firstMirror.js";
import { keptUntil } from "./keptUntil.js";
import type { KnownFile } from "./KnownFile.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import { MirrorAnswers } from "./MirrorAnswers.js";
import { mirrorPeers } from "./mirrorPeers.js";
import { MirrorRoll } from "./MirrorRoll.js";
import type { Outvoted } from "./Outvoted.js";
import { wasOutvoted } from "./refusals.js";
import { mayDiffer, type SurveyConfig, surveyMirrors } from "./surveyMirrors.js";
import { Yields } from "./Yields.js";
import { factsOfMirrors } from "./factsOfMirrors.js";

type Mirrors = Observable<readonly Mirror[]>;

export interface SearchParts {
  readonly mirrors: Mirrors;
  readonly outvoted: Outvoted;
  readonly followsMetalinks: boolean;
  readonly finding: Finding | undefined;
  readonly sha256: Sha256;
  readonly discovery: Discovery;
  readonly left: Observable<unknown>;
}

/** The search for a file among its mirrors, as long as the download that it is for. */
export class MirrorSearch {
  readonly #request: FileRequest;
  readonly #parts: SearchParts;
  readonly #roll: MirrorRoll;
  readonly #crowd: Mirrors;
  readonly #answers: MirrorAnswers;
  /** The mirrors that the survey has decided for. */
  readonly #agreed: Observable<readonly AnsweredMirror[]>;
  /** Bytes of their file. */
  readonly #size = new ReplaySubject<number>(1);
  readonly #hurry = new ReplaySubject<void>(1);
  readonly #undecided = new Subject<void>();
  /** Mirrors in the crowd. */
  #asked = 0;
  /** Where there are others to be asked in a mirror's place. */
  #yields: Yields | undefined;
  /** The mirror that is asked for the beginning of its file at once. */
  #opened: Mirror | undefined;
  #isDecided = false;

  constructor(request: FileRequest, parts: SearchParts) {
    const { mirrors, discovery, left } = parts;
    this.#request = request;
    this.#parts = parts;
    this.#roll = new MirrorRoll(discovery);
    this.#answers = new MirrorAnswers(discovery, {
      opens: (mirror) => mirror === this.#opened,
      size: request.size,
      left,
    });
    const spent = merge(this.#roll.spent, this.#answers.failing, this.#answers.failingPrints);
    const { maxConcurrentChunks: mostRequests } = discovery.retry;
    this.#crowd = crowd(mirrors, { size: this.#size, spent, mostRequests, undecided: this.#undecided }).pipe(
      tap(({ length }) => (this.#asked = length)),
      keptUntil(left),
    );
    const { refuse, postpone } = this.#roll;
    const askMore = (): boolean => this.#askMore();
    const survey = { ...this.#known, hurry: this.#hurry, askMore, refuse, postpone };
    this.#agreed = surveyMirrors(this.#crowd, this.#answers, survey, discovery).pipe(
      map((agreed) => agreeingOnDigest(agreed, refuse)),
      tap((agreed) => this.#decided(agreed)),
      keptUntil(left),
    );
  }

  known(): Observable<KnownFile> {
    return this.#parts.mirrors.pipe(
      take(1),
      switchMap((all) => {
        const isBegun = this.#request.isBegun?.() === true;
        if (all.length > 1) this.#yields = new Yields({ clock: this.#parts.discovery.clock, spent: this.#roll.spend });
        const flows = !isBegun && all.length > 1 && this.#areOneFile(all);
        if (flows || (!isBegun && all.length === 1)) this.#opened = all[0];
        if (!flows) this.#hurry.next();
        const first = flows ? firstMirror(this.#crowd, this.#answers, (answer) => this.#mayBegin(answer)) : EMPTY;
        return merge(
          this.#agreed.pipe(map((agreed) => this.#settled(agreed))),
          first.pipe(map((founder) => this.#begun(founder))),
        );
      }),
      take(1),
      switchMap((known) => known),
      tap(({ agreement }) => (this.#isDecided = agreement === undefined)),
    );
  }

  /** Lets go what nobody will read; an answer on which all was decided is in the hands of the download. */
  leave(): void {
    if (!this.#isDecided) this.#readOnly([]);
  }

  get #known(): Pick<SurveyConfig, "size" | "isOneFile"> {
    const { size, name } = this.#request;
    return { size, isOneFile: name !== undefined };
  }

  /** True when nobody will want to have the files of two of these addresses. */
  #areOneFile(all: readonly Mirror[]): boolean {
    return !mayDiffer(this.#known) || all.every(({ id }) => haveOneName(id, all[0]?.id ?? ""));
  }

  #mayBegin({ said }: AnsweredMirror): boolean {
    return this.#request.isBegun?.(said.name) !== true;
  }

  /** Calls up more of the reserve; answers whether there was somebody. */
  #askMore(): boolean {
    const before = this.#asked;
    this.#undecided.next();
    return this.#asked > before;
  }

  #decided(agreed: readonly AnsweredMirror[]): void {
    for (const answered of agreed) this.#roll.admit(answered);
    this.#readOnly([...this.#roll.members]);
    const size = this.#request.size ?? agreed[0]?.said.size;
    if (size === undefined) return;
    this.#size.next(size);
    this.#answers.decide(size);
  }

  /** The file that the mirrors agree on. */
  #settled(agreed: readonly AnsweredMirror[]): Observable<KnownFile> {
    const [first] = agreed;
    const metalink = this.#metalinkIn(first);
    if (metalink !== undefined) {
      first?.stream?.close();
      return of({ facts: plainFile({ name: "", size: 0 }, this.#parts.sha256), peers: of([]), metalink });
    }
    const told = this.#request.size ?? first?.said.size;
    return this.#more(agreed, told).pipe(
      map((found) => {
        const facts = this.#factsOf(first, told ?? 0, found);
        if (first !== undefined && told === undefined) return { facts, peers: of([]), unsized: wholeOf(first) };
        return this.#fileOf(facts, found, agreed, this.#late(agreed, facts.size));
      }),
    );
  }

  /** The file of the first mirror that answered. */
  #begun(founder: Founder): Observable<KnownFile> {
    const { answer, size } = founder;
    this.#roll.admit(answer);
    this.#readOnly([answer.mirror]);
    const agreed = this.#agreed.pipe(catchError(() => NEVER)); // the agreement tells of it
    const early = admitEarlyMirrors(this.#crowd, this.#answers, founder, this.#roll).pipe(takeUntil(agreed));
    const late = agreed.pipe(switchMap((all) => this.#late(all, size)));
    return this.#more([answer], size).pipe(
      map((found) => {
        const facts = this.#factsOf(answer, size, found);
        const file = this.#fileOf(facts, found, [answer], merge(early, late));
        return { ...file, agreement: this.#agreementOn(founder, file.facts) };
      }),
    );
  }

  /** Digests that the answers tell of beside; mirrors are handed over. */
  #more(answered: readonly AnsweredMirror[], size: number | undefined): Observable<Found> {
    const { finding, discovery } = this.#parts;
    return finding === undefined ? of({}) : findMore(answered, { finding, size }, discovery);
  }

  /** The only address, where that is one of a Metalink which is to be followed. */
  #metalinkIn(answered: AnsweredMirror | undefined): string | undefined {
    const { mirrors, name } = this.#request;
    const [metalink, ...others] = mirrors;
    const isLone = others.length === 0 && name === undefined;
    return this.#parts.followsMetalinks && isLone && isMetalinkType(answered?.said.type) ? metalink : undefined;
  }

  #late(answered: readonly AnsweredMirror[], size: number): Observable<ReadonlySet<Mirror>> {
    const { members, refused, postponed } = this.#roll;
    const surveyed = { answered, size, members, refused, postponed };
    return admitLateMirrors(this.#crowd, this.#answers, surveyed, this.#roll, this.#parts.discovery);
  }

  #fileOf(
    facts: FileFacts,
    { pieces }: Found,
    answered: readonly AnsweredMirror[],
    members: Observable<ReadonlySet<Mirror>>,
  ): Omit<KnownFile, "agreement"> {
    const { mirrors, discovery } = this.#parts;
    const present = combineLatest([mirrors, members]).pipe(
      map(([all, known]) => all.filter((mirror) => known.has(mirror))),
    );
    const { clock } = discovery;
    const peers = mirrorPeers(present, { answered, size: facts.size, clock, yields: this.#yields });
    // Where digests tell what is right, nobody has to look into the file.
    if (pieces !== undefined) return { facts: { ...facts, ...pieces, digestsFound: true }, peers };
    return { facts, peers, mirrorFile: fileOfMirrors(answered, () => [...this.#roll.members], discovery) };
  }

  /** Completes when the survey has decided for the file of that mirror, with the digest that only others told of it. */
  #agreementOn({ answer: { mirror: founder } }: Founder, { size, whole, digests }: FileFacts): Agreement {
    return (isHere) => {
      const decided = this.#agreed.pipe(
        switchMap((agreed) => {
          if (agreed.some(({ mirror }) => mirror === founder)) {
            const others = agreed.filter(({ mirror }) => mirror !== founder);
            return digests === undefined ? this.#more(others, size) : of<Found>({});
          }
          this.#parts.outvoted.hear(
            founder.id,
            Array.from(this.#roll.refused, ({ id }) => id),
          );
          throw wasOutvoted(founder.id);
        }),
        take(1),
        concatMap((found) => (whole === undefined && found.whole !== undefined ? of(found.whole) : EMPTY)),
      );
      const urged = isHere.pipe(
        tap(() => this.#hurry.next()),
        ignoreElements(),
        takeUntil(this.#agreed.pipe(catchError(() => of(undefined)))),
      );
      return merge(decided, urged);
    };
  }

  /** Lets go what others have begun to send: the download does not want that next. */
  #readOnly(members: readonly Mirror[]): void {
    if (this.#opened === undefined) return;
    const unread = this.#answers.answerOf(this.#opened).pipe(
      tap(({ mirror, stream }) => members.includes(mirror) || stream?.close()),
      catchError(() => EMPTY),
    );
    unread.subscribe();
  }

  #factsOf(answered: AnsweredMirror | undefined, size: number, { whole }: Found): FileFacts {
    const told = { size, mirrors: this.#roll.said, whole };
    return factsOfMirrors(this.#request, answered?.said.name, told, this.#parts.sha256);
  }
}
