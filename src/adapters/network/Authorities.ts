import { readFileSync } from "node:fs";
import tls, { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { DownloadError } from "../../errors/DownloadError.js";

/** The authorities that a connection is held to, as `node:tls` takes them. */
export interface Tls {
  readonly ca?: string | string[];
  readonly secureContext?: SecureContext;
}

/** The codes of a certificate whose issuer nobody here knows. */
const unknown: ReadonlySet<unknown> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** Where Linux and the BSDs keep what they trust, as Go's crypto/x509 has it. */
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Node's own list, which `NODE_EXTRA_CA_CERTS` and `--use-system-ca` add to, and the system's: from Node 22.15 on. */
const { getCACertificates } = tls as { readonly getCACertificates?: (type: "default" | "system") => readonly string[] };

/**
 * The certificate authorities that mirrors and peers are held to: those that were given, or Node's. When a certificate is of none of Node's, the system's are
 * trusted, too, as `SSL_CERT_FILE` and the system's own places name them: not before, because to read them takes a fifth of a second.
 */
export class Authorities {
  readonly #isGiven: boolean;
  readonly #env: NodeJS.ProcessEnv;
  #tls: Tls;
  #isWide = false;

  constructor(ca: string | readonly string[] | undefined, env: NodeJS.ProcessEnv) {
    this.#isGiven = ca !== undefined;
    this.#env = env;
    this.#tls = ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] };
  }

  get tls(): Tls {
    return this.#tls;
  }

  /** True when a request that failed with `error`, held to the authorities `asked`, may succeed with those that are trusted now. */
  know(error: unknown, asked: Tls): boolean {
    if (this.#isGiven || !(error instanceof DownloadError)) return false;
    if (!unknown.has((Object(error.cause) as { readonly code?: unknown }).code)) return false;
    if (!this.#isWide) this.#widen();
    return this.#tls !== asked;
  }

  #widen(): void {
    this.#isWide = true;
    const system = systems(this.#env);
    if (system.length === 0) return;
    const all = [...new Set([...(getCACertificates?.("default") ?? rootCertificates), ...system])];
    this.#tls = { secureContext: createSecureContext({ ca: all }) };
  }
}

/** The certificates that the system trusts, PEM; none where they cannot be read. */
function systems({ SSL_CERT_FILE: named }: NodeJS.ProcessEnv): readonly string[] {
  // Node would read the named file, too, but once a process: the variable may be set after that.
  if (getCACertificates !== undefined && !named) return getCACertificates("system");
  for (const path of named ? [named] : bundles) {
    try {
      return [readFileSync(path, "utf8")];
    } catch {
      // Another system keeps them elsewhere.
    }
  }
  return [];
}
