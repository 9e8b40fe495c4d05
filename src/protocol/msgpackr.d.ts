// The doors of msgpackr 2.1 that load no native code tell their types by a name that modules do not resolve.

declare module "msgpackr/pack" {
  export { Packr } from "msgpackr";
}

declare module "msgpackr/unpack" {
  export { Unpackr } from "msgpackr";
}
