/** Value that was given for a host, which is told as `host:port`; the name `host:port` goes before `host`, and case does not matter. */
export function byHost<T>(given: Readonly<Record<string, T>>, host: string): T | undefined {
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return byName.get(host) ?? byName.get(host.slice(0, host.lastIndexOf(":")));
}
