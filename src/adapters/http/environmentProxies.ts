import { exemptions } from "./exemptions.js";

/** The proxy to ask for what is at an address; nothing where the address is asked itself. */
export type ProxyFor = (url: URL) => URL | undefined;

/** The kinds of proxies; what is behind a `socks5h:` or `socks4a:` is looked up by the proxy. */
const known: ReadonlySet<string> = new Set(["http:", "https:", "socks4:", "socks4a:", "socks5:", "socks5h:"]);

/**
 * The proxies that `http_proxy`, `https_proxy` and `all_proxy` name, in small or large letters, but for the hosts in `no_proxy`; see `exemptions`. The
 * first two go before the third. With none of the latter two, `http_proxy` is for `https:` as well. An address without a scheme is one of `http:`.
 *
 * @throws TypeError when the address of a proxy is none, or one of another kind.
 */
export function environmentProxies(env: NodeJS.ProcessEnv): ProxyFor {
  const valueOf = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? "";
  const [http, https, all] = ["http_proxy", "https_proxy", "all_proxy"].map((name) => proxyAt(name, valueOf(name)));
  const isExempt = exemptions(valueOf("no_proxy"));
  return ({ protocol, hostname, port }) => {
    const isTls = protocol === "https:";
    const proxy = isTls ? (https ?? all ?? http) : (http ?? all);
    return proxy === undefined || isExempt(hostname, port || (isTls ? "443" : "80")) ? undefined : proxy;
  };
}

function proxyAt(name: string, value: string): URL | undefined {
  if (value === "") return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOne = url !== undefined && url.hostname !== "" && areDecodable(url);
  if (isOne && known.has(url.protocol)) return url;
  // The value may hold a password.
  const what = isOne ? `names a proxy of ${url.protocol}` : "is no address";
  const expected = [...known].map((protocol) => `${protocol}//`).join(", ");
  throw new TypeError(`${name} in the environment ${what}, expected host:port behind nothing or one of ${expected}`);
}

function areDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}`);
    return true;
  } catch {
    return false;
  }
}

/** The header with the user and password of a proxy's address; none where the address has neither. */
export function proxyHeaders({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(secret).toString("base64")}` };
}
