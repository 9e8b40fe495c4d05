import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** What one test's downloads learn is neither for the user nor for the next test, whose peers may have the same ports. */
function choose(): string {
  return (process.env["TRIBUTARY_STATE"] = join(tmpdir(), `tributary-state-${randomUUID()}`));
}

let folder = choose();
beforeEach(() => void (folder = choose()));
afterEach(() => rm(folder, { recursive: true, force: true }));
