import { UsageError } from "../UsageError.js";
import { readText } from "./readText.js";
import { type NamedFile, textFile } from "./takeText.js";

/** Reads the options that name files of certificates, and of keys. */
export const aCertificateFile = textFile("certificates, PEM");
export const aKeyFile = textFile("a private key, PEM");

/** The text of a certificate; what has the form of none is refused. */
export function readCertificate(file: NamedFile | undefined): Promise<string | undefined> {
  return readPem(file, /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m);
}

/** The text of a private key; what has the form of none is refused. */
export function readKey(file: NamedFile | undefined): Promise<string | undefined> {
  return readPem(file, /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m);
}

async function readPem(file: NamedFile | undefined, form: RegExp): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readText(file);
  if (form.test(text)) return text;
  const { called, path, must } = file;
  throw new UsageError(`${called} is ${JSON.stringify(path)}, which holds none; it must be ${must}`);
}
