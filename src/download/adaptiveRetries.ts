/** One chunk in so many may give up in its first round. */
const mayGiveUp = 0.001;
const [fewest, most] = [1, 6];

/** What is known when a retry is due. */
export interface Outlook {
  /** Share of the legs that delivered, from 0 to 1. */
  readonly successRate: number;
  /** Retries that are configured. */
  readonly configured: number;
  /** Whether the bucket that all retries share is more than half full. */
  readonly plenty: boolean;
}

/**
 * How many retries a chunk is worth: the fewest after which, at this success rate, no more than one chunk in a thousand gives up; from 1 to 6.
 * More than are configured only while there is plenty in the bucket: a sick swarm is not asked ever more often. None stay none.
 */
export function adaptiveRetries({ successRate, configured, plenty }: Outlook): number {
  if (configured === 0) return 0;
  let retries = fewest;
  while (retries < most && (1 - successRate) ** (retries + 1) > mayGiveUp) retries++;
  return plenty ? retries : Math.min(retries, configured);
}
