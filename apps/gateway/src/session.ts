import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { ByteRange } from "@openclaw/home";
import type { Dialect } from "@openclaw/providers";

/** Whose session it is: a client may name its sessions as another does. */
export interface SessionOwner {
  /** What tells a client's token from others; not the token. */
  readonly client: string;
  readonly agentId: string;
}

/** The body of a request, as far as it may say to which session it belongs. */
export interface SessionBody {
  readonly dialect: Dialect;
  readonly body: Buffer;
  /** Where its `user` and `metadata` stand, in requests that have them. */
  readonly user?: ByteRange | undefined;
  readonly metadata?: ByteRange | undefined;
}

/** What names a session is short; more of it is something else. */
const LONGEST_MEMBER = 4096;

/**
 * The session of a request: what `x-openclaw-session-key` names, else the field `user` of OpenAI's requests, else the session
 * that Claude Code names in `metadata.user_id`. None without one of these, and then nothing is sticky. What a client sends may be
 * long and may name somebody, so a hash of it is what is kept.
 */
export function sessionOf(headers: IncomingHttpHeaders, { client, agentId }: SessionOwner, body?: SessionBody): string | undefined {
  const header = headers["x-openclaw-session-key"];
  const key = typeof header === "string" && header !== "" ? [header] : body && keyInBody(body);
  if (!key) return undefined;
  return createHash("sha256")
    .update(JSON.stringify([client, agentId, ...key]))
    .digest("base64url");
}

/** With the name of the field, so that it is no session of a header. */
function keyInBody({ dialect, body, user, metadata }: SessionBody): readonly [string, string] | undefined {
  if (dialect === "anthropic-messages") {
    const id = metadata && claudeSession(memberOf(read(body, metadata), "user_id"));
    return id === undefined ? undefined : [id, "metadata.user_id"];
  }
  const name = dialect === "google-generative-ai" || !user ? undefined : read(body, user);
  return typeof name === "string" && name !== "" ? [name, "user"] : undefined;
}

/** A user of Anthropic's interface has many conversations: only an id that names one of them counts, as Claude Code's does. */
function claudeSession(userId: unknown): string | undefined {
  if (typeof userId !== "string") return undefined;
  const named = /_session_(?<id>[\w-]{8,})$/u.exec(userId)?.groups?.["id"];
  if (named !== undefined || !userId.startsWith("{")) return named;
  const id = memberOf(parse(userId), "session_id");
  return typeof id === "string" && id !== "" ? id : undefined;
}

function read(body: Buffer, { start, end }: ByteRange): unknown {
  return end - start > LONGEST_MEMBER ? undefined : parse(body.toString("utf8", start, end));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}
