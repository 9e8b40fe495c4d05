/** The proxy to ask for what is at an address; nothing where the address is asked itself. */
export type ProxyFor = (url: URL) => URL | undefined;

interface Exempt {
  readonly host: string;
  /** Nothing means any. */
  readonly port: string;
}

/**
 * The proxies that `http_proxy` and `https_proxy` name, in small or large letters, but for the hosts in `no_proxy`: names, which stand for what
 * is below them too, with a port or for all ports, or `*` for all. Without `https_proxy`, `http_proxy` is for `https:` as well.
 *
 * @throws TypeError when the address of a proxy is none.
 */
export function environmentProxies(env: NodeJS.ProcessEnv): ProxyFor {
  const plain = proxyAt(env["http_proxy"] ?? env["HTTP_PROXY"]);
  const tls = proxyAt(env["https_proxy"] ?? env["HTTPS_PROXY"]) ?? plain;
  const none = env["no_proxy"] ?? env["NO_PROXY"] ?? "";
  const exempts = none.split(/[,\s]+/).flatMap(exemptFrom);
  return (url) => {
    const proxy = url.protocol === "https:" ? tls : plain;
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    const isExempt = none === "*" || exempts.some((exempt) => isBelow(url.hostname, port, exempt));
    return isExempt ? undefined : proxy;
  };
}

function proxyAt(address: string | undefined): URL | undefined {
  if (!address) return undefined;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && areDecodable(url)) return url;
  // The value may hold a password.
  throw new TypeError("http_proxy or https_proxy in the environment is no address, expected http://host:port");
}

function areDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}`);
    return true;
  } catch {
    return false;
  }
}

function exemptFrom(entry: string): readonly Exempt[] {
  const [, host = "", port = ""] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  return host === "" ? [] : [{ host, port }];
}

function isBelow(host: string, at: string, exempt: Exempt): boolean {
  return (exempt.port === "" || exempt.port === at) && (host === exempt.host || host.endsWith(`.${exempt.host}`));
}

/** The header with the user and password of a proxy's address; none where the address has neither. */
export function proxyHeaders({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(secret).toString("base64")}` };
}
