/** The share of legs that may be expected to deliver, after so many that did and did not; two thirds when nothing is known. */
export function successRate(ok: number, failed: number): number {
  return (ok + 1) / (ok + failed + 1.5);
}
