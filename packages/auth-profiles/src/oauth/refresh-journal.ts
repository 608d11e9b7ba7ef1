import { errnoOf, readPrivateFile, writePrivateFile } from "@openclaw/secrets";
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { OAuthProfile } from "../profile.ts";
import { isRecord } from "../record.ts";

/**
 * What became of a refresh token that was sent: `sent` and no answer was noted; `retried`, so it was sent twice;
 * `lost`, so it is not sent again; `received`, so it is spent, and what was got for it is not stored everywhere it was;
 * `rejected` by the provider; `unsent`, for it certainly was not spent.
 */
const states = ["sent", "retried", "lost", "received", "rejected", "unsent"] as const;
type JournalState = (typeof states)[number];

/** A token's last sending that did not end well, or has not ended. */
export interface JournalEntry {
  /** The tokens it is about, by `tokenMark`: with others in the store it says nothing. */
  readonly mark: string;
  readonly startedAt: number;
  readonly state: JournalState;
  /** The provider is not asked before. */
  readonly pausedUntil?: number;
  /** How often in a row the provider could not or would not serve. */
  readonly failures?: number;
  /** It would not. */
  readonly isDenied?: boolean;
}

/**
 * Notes on the disk about refreshes that are under way or failed, one file per refresh token (`tokenName`). Older
 * versions kept one per account (`accountLockName`), which is still read.
 */
export interface RefreshJournal {
  readonly folder: string;
  /** Of what there is a note. None where there is no folder. */
  names(): Promise<ReadonlySet<string>>;
  /** Undefined also where what is there is no entry. */
  read(name: string): Promise<JournalEntry | undefined>;
  /** It is on the disk when this resolves. */
  write(name: string, entry: JournalEntry): Promise<void>;
  clear(name: string): Promise<void>;
}

const MAX_BYTES = 4096;

/** Keeps the journal in a folder of its own (`<state>/refresh`), made with mode 0700. No file holds a token. */
export function createRefreshJournal(folder: string): RefreshJournal {
  const pathOf = (name: string) => join(folder, `${name}.json`);
  return {
    folder,
    async names() {
      try {
        const files = await readdir(folder);
        return new Set(files.flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : [])));
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return new Set();
        throw error;
      }
    },
    async read(name) {
      const bytes = await readPrivateFile(pathOf(name), { maxBytes: MAX_BYTES });
      return bytes && parseEntry(bytes.toString("utf8"));
    },
    write: (name, entry) => writePrivateFile(pathOf(name), `${JSON.stringify(entry)}\n`),
    // One that stays does no harm: it is about tokens that are not in the store any more.
    clear: (name) => unlink(pathOf(name)).catch(() => undefined),
  };
}

/** A name for a login's present tokens, which changes with each of them and holds no part of one. */
export function tokenMark({ access, refresh }: Pick<OAuthProfile, "access" | "refresh">, name: string): string {
  const salt = Buffer.from(name);
  return [refresh, access].map((token) => token?.fingerprint(salt) ?? "-").join("");
}

function parseEntry(text: string): JournalEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const { mark, startedAt, pausedUntil, failures, isDenied } = json;
  const state = states.find((known) => known === json["state"]);
  if (typeof mark !== "string" || typeof startedAt !== "number" || state === undefined) return undefined;
  return {
    mark,
    startedAt,
    state,
    ...(typeof pausedUntil === "number" && { pausedUntil }),
    ...(typeof failures === "number" && { failures }),
    ...(typeof isDenied === "boolean" && { isDenied }),
  };
}
