import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach } from "vitest";

const folder = join(tmpdir(), `tributary-state-${randomUUID()}`);

/** What one test's downloads learn is neither for the user nor for the next test, whose peers may have the same ports. */
function choose(): void {
  process.env["TRIBUTARY_STATE"] = join(folder, randomUUID());
}

choose();
beforeEach(choose);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
