import { catchError, defer, throwError } from "rxjs";
import { notLoaded } from "../../errors/notLoaded.js";

/** The package `ws`, which is read when somebody is dialled or served first: most programs never do. Errors with `LOCAL_IO` when it cannot be read. */
export const webSocketLibrary = defer(() => import("ws")).pipe(
  catchError((thrown: unknown) => throwError(() => notLoaded("WebSockets", thrown))),
);
