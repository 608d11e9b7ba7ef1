import type { JsonChange } from "@openclaw/home";
import type { Session, SessionPin } from "./session-pin.ts";

/** A pin as the file has it. */
export interface KeptPin extends Pick<Session, "client"> {
  readonly pin: SessionPin;
  readonly pinnedAt: number;
}

/** An object of which anything may be unknown. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sessions of the gateway are called so in the file; others belong to other parts of OpenClaw. */
const OWN_NAME = /^gateway:([\w-]{43})$/u;

/** The fields of an entry that make up a pin. */
const pinFields = [
  "providerOverride",
  "modelOverride",
  "authProfileOverride",
  "authProfileOverrideSource",
  "authProfileOverrideCompactionCount",
] as const;
const ownFields: ReadonlySet<string> = new Set([...pinFields, "updatedAt", "client"]);

/** The pins among the entries of a file. What somebody did not choose is none: a profile whose source is `auto`. */
export function readPins(json: UnknownRecord): ReadonlyMap<string, KeptPin> {
  const pins = new Map<string, KeptPin>();
  for (const [name, entry] of Object.entries(json)) {
    const id = OWN_NAME.exec(name)?.[1];
    const pin = id === undefined || !isRecord(entry) ? undefined : readPin(entry);
    if (id !== undefined && pin) pins.set(id, pin);
  }
  return pins;
}

function readPin({ providerOverride: provider, modelOverride: model, ...entry }: UnknownRecord): KeptPin | undefined {
  if (typeof provider !== "string" || typeof model !== "string") return undefined;
  const { authProfileOverride: profileId, authProfileOverrideSource: source, updatedAt, client } = entry;
  const hasProfile = typeof profileId === "string" && source !== "auto";
  return {
    pin: { model: { provider, model }, ...(hasProfile && { profileId }) },
    pinnedAt: typeof updatedAt === "number" ? updatedAt : 0,
    client: typeof client === "string" ? client : "",
  };
}

/** What is to be changed in the file so that a session is pinned so, or no longer. What nobody here knows stays. */
export function changesOf(json: UnknownRecord, id: string, kept: KeptPin | undefined): readonly JsonChange[] {
  const name = `gateway:${id}`;
  const entry = isRecord(json[name]) ? json[name] : undefined;
  if (!kept) {
    if (!entry) return [];
    const isOnlyPin = Object.keys(entry).every((field) => ownFields.has(field));
    return isOnlyPin ? [{ path: [name], remove: true }] : pinFields.map((field) => ({ path: [name, field], remove: true }));
  }
  const { pin, client, pinnedAt } = kept;
  const fields = {
    updatedAt: pinnedAt,
    client,
    providerOverride: pin.model.provider,
    modelOverride: pin.model.model,
    ...(pin.profileId !== undefined && { authProfileOverride: pin.profileId, authProfileOverrideSource: "user" }),
  };
  if (!entry) return [{ path: [name], value: fields }];
  const gone = pinFields.filter((field) => !(field in fields));
  return [
    ...Object.entries(fields).map(([field, value]) => ({ path: [name, field], value })),
    ...gone.map((field): JsonChange => ({ path: [name, field], remove: true })),
  ];
}
