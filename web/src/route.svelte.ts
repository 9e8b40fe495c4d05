/** Place in the page, as the part of its address behind `#`. */
export type Route =
  | { readonly view: "downloads"; readonly download: number | undefined }
  | { readonly view: "statistics" | "settings" | "lab" };

/** The address as a route: what it says, and what has to be done for the back button to work. */
export class Router {
  route = $state.raw<Route>(parse(location.hash));

  /** Follows the address; the result ends it. */
  run(): () => void {
    const follow = (): void => void (this.route = parse(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }
}

function parse(hash: string): Route {
  const [view, number] = hash.replace(/^#\/?/, "").split("/");
  if (view === "statistics" || view === "settings" || view === "lab") return { view };
  const download = Number(number);
  return { view: "downloads", download: Number.isSafeInteger(download) && download > 0 ? download : undefined };
}
