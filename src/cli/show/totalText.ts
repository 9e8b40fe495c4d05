import { formatBytes, formatDuration } from "../../command.js";
import type { ListTotal } from "../../node.js";

/** How far a list has come, and how fast it goes, in one line. */
export function totalText(total: ListTotal): string {
  const { bytesPerSecond, filesRunning } = total;
  const speed = bytesPerSecond > 0 && filesRunning > 0 ? `, ${formatBytes(bytesPerSecond)}/s` : "";
  return amountsText(total) + speed;
}

/** Files by what became of them, and their bytes. Sizes that are not known yet make the sum of bytes a lower bound. */
export function amountsText(total: ListTotal): string {
  const { filesDone, filesFailed, filesStopped, filesRunning, filesWaiting, filesUnsized, bytesDone, bytesKnown } =
    total;
  const files = filesDone + filesFailed + filesStopped + filesRunning + filesWaiting;
  const of = bytesKnown > bytesDone ? ` of ${filesUnsized > 0 ? "at least " : ""}${formatBytes(bytesKnown)}` : "";
  return [
    `${filesDone} of ${files} files`,
    ...(filesFailed > 0 ? [`${filesFailed} failed`] : []),
    ...(filesStopped > 0 ? [`${filesStopped} stopped`] : []),
    ...(filesRunning > 0 ? [`${filesRunning} running`] : []),
    ...(filesWaiting > 0 ? [`${filesWaiting} waiting`] : []),
    `${formatBytes(bytesDone)}${of}`,
  ].join(", ");
}

/** The line of a list that has ended, which took so long. */
export function endText(total: ListTotal, elapsedMs: number): string {
  return `${totalText(total)} in ${formatDuration(elapsedMs)}`;
}
