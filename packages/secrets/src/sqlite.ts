// The warning is written by the process, so it is there that it has to be held back.
import process from "node:process";
import type { DatabaseSync } from "node:sqlite";

interface Sqlite {
  readonly DatabaseSync: typeof DatabaseSync;
}

let loaded: Sqlite | undefined;

/**
 * `node:sqlite`, loaded when first needed. Node 22 warns on stderr that it is experimental, which is
 * nothing a user of ours can act on: that one warning is held back, within this synchronous call and nowhere else.
 */
export function loadSqlite(): Sqlite {
  if (loaded !== undefined) return loaded;
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (rest[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite ")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return (loaded = process.getBuiltinModule("node:sqlite"));
  } finally {
    process.emitWarning = emitWarning;
  }
}
