import * as v from "valibot";
import { describeIssue } from "../../storage/describeIssue.js";

/**
 * Holds words that are to be kept to the shape in which they are read again, whoever chose them: a list that could not be read would be lost.
 *
 * @throws TypeError for a value that has another shape, which names the member.
 */
export function checkKept(what: string, value: unknown, schema: v.GenericSchema): void {
  const { issues } = v.safeParse(schema, JSON.parse(JSON.stringify(value)));
  if (issues !== undefined) throw new TypeError(`${what} cannot be kept: ${describeIssue(issues[0])}`);
}
