import type { Locator, Page } from "playwright-core";

/** What a person does with the page of the daemon, and what a person waits for. */
export class PageUser {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Adds a download of these addresses, and sees it opened. */
  async add(addresses: string, name: string): Promise<void> {
    await this.page.getByRole("button", { name: "Add …", exact: true }).click();
    await this.page.getByLabel("Addresses, links or roots").fill(addresses);
    await this.page.getByLabel("Name (the file's own)").fill(name);
    await this.confirm();
    await this.page.getByRole("heading", { name }).waitFor();
  }

  /** Presses Add of the dialog. */
  async confirm(): Promise<void> {
    await this.page.getByRole("dialog").getByRole("button", { name: /^Add/ }).click();
    await this.page.getByRole("dialog").waitFor({ state: "detached" });
  }

  /** Sets the speed of all downloads together, MB/s; empty for any. So a test has the time that it needs, and no more. */
  async limit(megabytes: string): Promise<void> {
    await this.page.getByRole("link", { name: "Settings" }).click();
    await this.page.getByLabel("Speed of all together").fill(megabytes);
    await this.page.getByRole("button", { name: "Save" }).click();
    await this.page.getByText("Saved.").waitFor();
    await this.page.getByRole("link", { name: "Downloads", exact: true }).click();
    await this.page.getByRole("heading", { name: "Downloads", exact: true }).waitFor();
  }

  /** Row of a download in the list. */
  row(name: string): Locator {
    const list = this.page.getByRole("list", { name: "Downloads" });
    return list.getByRole("listitem").filter({ hasText: name });
  }

  /** Presses a button of a row. */
  press(name: string, button: string): Promise<void> {
    return this.row(name).getByRole("button", { name: button, exact: true }).click();
  }

  /** Waits until the list says that a download is in this state. */
  sees(name: string, state: string): Promise<void> {
    return this.row(name).getByText(state, { exact: true }).waitFor();
  }

  /** Waits until some bytes of a download are here, and not all. */
  async seesProgress(name: string): Promise<void> {
    const bar = this.row(name).getByRole("progressbar");
    await bar.and(this.page.locator('[aria-valuenow]:not([aria-valuenow="0"])')).waitFor();
  }

  /** Waits for words in the feed of the download that is open. */
  hears(words: RegExp): Promise<void> {
    return this.page.getByRole("region", { name: "Feed" }).getByText(words).first().waitFor();
  }

  /** Drops a file on the page. */
  async drop(name: string, text: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      ([fileName, content]) => {
        const made = new DataTransfer();
        made.items.add(new File([content], fileName));
        return made;
      },
      [name, text] as const,
    );
    await this.page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  }
}
