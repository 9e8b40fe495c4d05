import { getSystemErrorMap } from "node:util";

/** Message of the system, in its words and with its code; of other errors their message. */
export function systemWords(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  const [code, words] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  return code === undefined ? message : `${words} (${code})`;
}
