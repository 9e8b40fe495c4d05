const key = "tributary.theme";
const wishes = ["system", "light", "dark"] as const;
type Wish = (typeof wishes)[number];

/** Light or dark, as the system has it or as somebody chose; the choice stays with the browser. */
class Theme {
  wish = $state<Wish>(kept());
  /** Theme that is shown: what is painted by hand is painted anew with it. */
  shown = $state<"light" | "dark">("light");

  /** Shows the theme as long as it lasts; the result ends it. */
  run(): () => void {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const show = (): void => {
      const isDark = this.wish === "dark" || (this.wish === "system" && system.matches);
      this.shown = isDark ? "dark" : "light";
      document.documentElement.dataset["theme"] = this.shown;
    };
    show();
    system.addEventListener("change", show);
    return () => system.removeEventListener("change", show);
  }

  /** Takes the next of the three. */
  next(): void {
    this.wish = wishes[(wishes.indexOf(this.wish) + 1) % wishes.length] ?? "system";
    localStorage.setItem(key, this.wish);
  }
}

function kept(): Wish {
  return wishes.find((wish) => wish === localStorage.getItem(key)) ?? "system";
}

/** One for the page. */
export const theme = new Theme();
