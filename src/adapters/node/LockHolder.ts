/** The holder of a lock, as its file says. */
export interface LockHolder {
  /** Names this holding, so that one process may hold, let go and hold again. */
  readonly id: string;
  readonly pid: number;
  readonly boot?: string;
  readonly space?: string;
  readonly started?: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads a lock's record. By hand: every download reads its own once, and a schema library would be loaded for that alone.
 *
 * @throws SyntaxError for what is no JSON, TypeError for what is no record.
 */
export function parseLockHolder(text: string): LockHolder {
  const { id, pid, boot, space, started } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  if (typeof id !== "string" || !uuid.test(id)) throw new TypeError("it has no id");
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid < 1) throw new TypeError("it has no pid");
  if (!isTextOrNothing(boot) || !isTextOrNothing(space) || !isTextOrNothing(started))
    throw new TypeError("its boot, its space or its start is no text");
  const where = { ...(boot !== undefined && { boot }), ...(space !== undefined && { space }) };
  return { id, pid, ...where, ...(started !== undefined && { started }) };
}

/** The part of an id that names of files have: the name of a download with all that a lock adds to it has to fit into 255 bytes. */
export function idInNames({ id }: Pick<LockHolder, "id">): string {
  return id.replaceAll("-", "").slice(0, 16).toLowerCase();
}

function isTextOrNothing(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}
