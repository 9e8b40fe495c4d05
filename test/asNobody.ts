/**
 * Runs `work` as somebody to whom modes of files apply, which they do not to root: tests that run as root are user `nobody`
 * (65534) meanwhile, all threads of the process with them. Nothing else of the file may run at the time.
 */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return await work();
  seteuid(65_534);
  try {
    return await work();
  } finally {
    seteuid(0);
  }
}
