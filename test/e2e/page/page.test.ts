import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { describePage, newPage } from "../../chromium.js";

describePage("the browser of the tests", () => {
  it("A page runs what a server on this machine sends", async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<script>document.title = String(6 * 7)</script>");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    try {
      const page = await newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(await page.title()).toBe("42");
    } finally {
      server.close();
    }
  });
});
