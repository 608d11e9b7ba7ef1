import { ollama } from "./specs/ollama.ts";
import type { ApiKind, AuthStyle, ProviderSpec } from "./spec.ts";

/** A provider the operator described in `models.providers.<id>`. */
export interface CustomProvider {
  readonly id: string;
  /** `openai-completions` unless given. */
  readonly api?: ApiKind;
  readonly baseUrl: string;
}

/** The version of its interface that Anthropic asks every request to name. */
const anthropicHeaders = { "anthropic-version": "2023-06-01" };

/** Interfaces that do not take a bearer token. */
const authOf: Partial<Readonly<Record<ApiKind, AuthStyle>>> = {
  "anthropic-messages": "x-api-key",
  "google-generative-ai": "x-goog-api-key",
  "google-vertex": "x-goog-api-key",
  "azure-openai-responses": "api-key",
  "bedrock-converse-stream": "aws-sigv4",
};

/** Whoever serves a model of OpenAI's kind may well serve its embeddings; where not, it says so itself. */
const endpointsOf: Partial<Readonly<Record<ApiKind, ProviderSpec["endpoints"]>>> = {
  "openai-completions": { embeddings: { path: "embeddings" } },
  "openai-responses": { embeddings: { path: "embeddings" } },
  ollama: ollama.endpoints,
};

/**
 * The spec of a provider that is not in the table. It has no environment variables of its own and no
 * default model: what it may use is what the operator wrote.
 */
export function customSpec({ id, api = "openai-completions", baseUrl }: CustomProvider): ProviderSpec {
  return {
    id,
    env: [],
    baseUrl,
    api,
    auth: authOf[api] ?? "bearer",
    endpoints: endpointsOf[api] ?? {},
    ...(api === "anthropic-messages" && { headers: anthropicHeaders }),
    authKinds: api === "bedrock-converse-stream" ? ["aws-sdk"] : ["api_key"],
  };
}
