import type { Content } from "./content.js";
import type { Answer, Ask, Fault, Handler } from "./Exchange.js";
import { alterHeaders } from "./faults/alter.js";
import { chunked, closesAfterEach, missingContentLength } from "./faults/framing.js";
import { spendsConnections } from "./faults/limits.js";
import { ignoresRange, unknownTotal } from "./faults/ranges.js";
import { first } from "./faults/repeats.js";
import { status } from "./faults/statuses.js";
import type { Manners } from "./Manners.js";
import { ordinary } from "./Manners.js";
import type { Facts } from "./serve.js";
import { answerTo, withFaults } from "./serve.js";

/** A server of these manners, where they are not the ordinary ones, with the `version`th version of its file. */
export function speak(
  manners: Partial<Manners>,
  content: Content,
  version: number,
  ...faults: readonly Fault[]
): Handler {
  const all = { ...ordinary, ...manners };
  let asked = 0;
  const answer = (ask: Ask): Answer => {
    const node = all.nodes === "one" ? 0 : asked++ % 2;
    return answerTo(ask, content, factsOf(all, version, node), all);
  };
  return withFaults(answer, ...faultsOf(all), ...faults);
}

/** What a server of these manners says of the `version`th version of its file; a second node's clock is two seconds ahead. */
function factsOf({ etag, date, survives }: Manners, version: number, node = 0): Facts {
  const tag = `v${survives.includes("etag") ? 1 : version}${node === 0 ? "" : "-other"}`;
  const day = survives.includes("date") ? 1 : version;
  return {
    ...(etag !== "none" && { etag: { strong: `"${tag}"`, weak: `W/"${tag}"`, unquoted: tag }[etag] }),
    ...(date !== "none" && { lastModified: new Date(Date.UTC(2022, 0, day, 0, 0, 2 * node)).toUTCString() }),
  };
}

/** What of the manners is done to an answer that would be an ordinary one. */
function faultsOf(manners: Manners): readonly Fault[] {
  const table: readonly (readonly [boolean, () => Fault])[] = [
    [manners.total === "untold", unknownTotal],
    [manners.date === "of the whole only", datesOnlyTheWhole],
    [manners.label !== "none", () => alterHeaders(() => ({ "content-encoding": manners.label }))],
    [manners.end === "chunks", chunked],
    [manners.end === "connection", missingContentLength],
    [manners.connection === "closed", closesAfterEach],
    [manners.nextRequest !== "served", () => spendsConnections(status(503))],
    [manners.cold !== "served", () => first(1, ignoresRange(), chunked())],
  ];
  return table.flatMap(([is, fault]) => (is ? [fault()] : []));
}

function datesOnlyTheWhole(): Fault {
  return alterHeaders(({ status: code, headers }) => ({
    "last-modified": code === 206 ? undefined : headers["last-modified"],
  }));
}
