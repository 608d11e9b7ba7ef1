const text = { type: "string" } as const;
const time = { type: "number", exclusiveMinimum: 0, description: "Unix time in milliseconds" } as const;
const value = { type: "string", description: "The value itself, or exactly ${NAME}: an environment variable" } as const;

const ref = {
  description: "Where the value is kept. It wins over a value beside it.",
  type: "object",
  properties: { source: { enum: ["env", "file", "exec"] }, provider: text, id: text },
  required: ["source", "id"],
} as const;

const base = { provider: text, email: text, displayName: text, metadata: { type: "object" } } as const;

/**
 * JSON Schema (2020-12) of auth-profiles.json as it is written. Names it does not list are allowed
 * everywhere and survive every write; reading is more lenient.
 */
export const authStoreJsonSchema: Readonly<Record<string, unknown>> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "auth-profiles.json",
  type: "object",
  properties: {
    version: { type: "integer", minimum: 1, description: "1. A store with a higher one is only read." },
    profiles: {
      description: "By profile id, provider:name",
      type: "object",
      additionalProperties: {
        anyOf: [
          {
            title: "A key that is paid per token",
            type: "object",
            properties: { type: { const: "api_key" }, ...base, key: value, keyRef: ref },
            required: ["type", "provider"],
          },
          {
            title: "A pasted bearer token",
            type: "object",
            properties: { type: { const: "token" }, ...base, token: value, tokenRef: ref, expires: time },
            required: ["type", "provider"],
          },
          {
            title: "A login",
            type: "object",
            properties: {
              type: { const: "oauth" },
              ...base,
              access: text,
              refresh: text,
              expires: time,
              accountId: text,
              projectId: text,
              enterpriseUrl: text,
              clientId: text,
            },
            required: ["type", "provider"],
          },
          {
            title: "An entry of a newer version, which is kept",
            type: "object",
            properties: { type: { type: "string", pattern: "^(?!(?:api_key|token|oauth)$)" } },
            required: ["type"],
          },
        ],
      },
    },
    order: {
      description: "By provider: the profiles that may be used, in this order. An empty list means none.",
      type: "object",
      additionalProperties: { type: "array", items: text },
    },
    lastGood: { description: "Of older versions, by provider. Read, and not written.", type: "object", additionalProperties: text },
    usageStats: {
      description: "Of older versions, by profile id. Read, and not written.",
      type: "object",
      additionalProperties: { type: "object" },
    },
  },
  required: ["profiles"],
};
