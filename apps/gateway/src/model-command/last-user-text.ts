import type { Dialect } from "@openclaw/providers";

/** The last text of a person in a conversation. */
export interface UserText {
  readonly text: string;
  /** Where it stands in the request. */
  readonly path: readonly (string | number)[];
  /** Nothing of a model or a tool comes behind it. */
  readonly isLast: boolean;
}

type UnknownRecord = Readonly<Record<string, unknown>>;

/** How a dialect writes a conversation. */
interface Shape {
  readonly list: string;
  readonly content: string;
  readonly roleOf: (entry: UnknownRecord) => unknown;
  readonly isText: (part: UnknownRecord) => boolean;
}

const roleOf = ({ role }: UnknownRecord) => role;
const isTextPart = ({ type }: UnknownRecord) => type === "text";

const shapes: Readonly<Record<Dialect, Shape>> = {
  "openai-completions": { list: "messages", content: "content", roleOf, isText: isTextPart },
  // Results of tools are parts of their own.
  "anthropic-messages": { list: "messages", content: "content", roleOf, isText: isTextPart },
  "openai-responses": {
    list: "input",
    content: "content",
    roleOf: ({ type = "message", role }) => (type === "message" ? role : undefined),
    isText: ({ type }) => type === "input_text",
  },
  "google-generative-ai": {
    list: "contents",
    content: "parts",
    roleOf: ({ role = "user" }) => role,
    isText: ({ thought }) => thought !== true,
  },
};

/** Nobody answers with these. */
const silent: ReadonlySet<unknown> = new Set(["user", "system", "developer"]);

/** The last text of the user in the request of a dialect: of several parts of one message the last that is a text. */
export function lastUserText(request: unknown, dialect: Dialect): UserText | undefined {
  const { list, content, ...shape } = shapes[dialect];
  if (!isRecord(request)) return undefined;
  const entries = request[list];
  if (list === "input" && typeof entries === "string") return { text: entries, path: [list], isLast: true };
  if (!Array.isArray(entries)) return undefined;
  let isLast = true;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry: unknown = entries[index];
    const role = isRecord(entry) ? shape.roleOf(entry) : undefined;
    const found = isRecord(entry) && role === "user" ? textIn(entry[content], shape) : undefined;
    if (found) return { text: found.text, path: [list, index, content, ...found.path], isLast };
    isLast &&= silent.has(role);
  }
  return undefined;
}

function textIn(content: unknown, { isText }: Pick<Shape, "isText">): Pick<UserText, "text" | "path"> | undefined {
  if (typeof content === "string") return { text: content, path: [] };
  if (!Array.isArray(content)) return undefined;
  for (let index = content.length - 1; index >= 0; index -= 1) {
    const part: unknown = content[index];
    if (isRecord(part) && typeof part["text"] === "string" && isText(part)) return { text: part["text"], path: [index, "text"] };
  }
  return undefined;
}

function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
