import type { OAuthFacts } from "./oauth-facts.ts";

/** The interfaces providers speak, as `models.providers.<id>.api` names them, and those of services that are no chat models. */
export const apiKinds = [
  "openai-completions",
  "openai-responses",
  "openai-codex-responses",
  "anthropic-messages",
  "google-generative-ai",
  "google-vertex",
  "google-gemini-cli",
  "bedrock-converse-stream",
  "mistral-conversations",
  "azure-openai-responses",
  "github-copilot",
  "ollama",
  "embeddings",
  "audio",
  "image",
  "search",
  "fetch",
] as const;

export type ApiKind = (typeof apiKinds)[number];

/**
 * How a provider wants its credential: `bearer`, `token` and `key` are schemes of `Authorization`, the rest are header
 * names, or a signature.
 */
export type AuthStyle = "bearer" | "token" | "key" | "x-api-key" | "x-goog-api-key" | "api-key" | "x-subscription-token" | "aws-sigv4";

/** What kinds of credential a provider takes. `adc` are Google's application default credentials. */
export type AuthKind = "api_key" | "token" | "oauth" | "aws-sdk" | "adc";

/** A dialect a client of ours may speak. */
export type Dialect = "openai-completions" | "openai-responses" | "anthropic-messages" | "google-generative-ai";

/** What a client may ask for in one of the dialects. Those of Google's are called as Google calls them. */
export type Operation =
  | "chat-completions"
  | "embeddings"
  | "responses"
  | "messages"
  | "count-message-tokens"
  | "generateContent"
  | "streamGenerateContent"
  | "countTokens"
  | "embedContent"
  | "batchEmbedContents";

/** Where a provider answers an operation, when that is not the usual path, or not one its interface promises. */
export interface OperationEndpoint {
  /** Relative to the base URL, without a leading slash. `{model}` stands for the name of the model. */
  readonly path: string;
  /** Where it differs from the provider's usual style. */
  readonly auth?: AuthStyle;
}

/** Models of a provider that speak another interface than its others. */
export interface ModelApi {
  /** Of the names of those models. */
  readonly prefix: string;
  readonly api: ApiKind;
  /** Where that is spoken, relative to the base URL, when that is not the usual path. Nothing else is answered there then. */
  readonly path?: string;
}

/** The cheapest request that shows whether a credential of a service that is no chat model works. */
export interface ProbeFacts {
  readonly method: "GET" | "POST";
  /** Relative to the base URL, without a leading slash; may have a query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, string | number>>;
}

/** The facts about one provider. Data only: nothing here reads the environment or the network. */
export interface ProviderSpec {
  /** Canonical id, as {@link normalizeProviderId} returns it. */
  readonly id: string;
  /** Other spellings that mean the same provider. */
  readonly aliases?: readonly string[];
  /** Environment variables that hold a credential, in order of precedence. */
  readonly env: readonly string[];
  /** The official base URL. May hold `{placeholders}` the operator fills; `undefined` where the operator supplies all of it. */
  readonly baseUrl: string | undefined;
  /** Further official base URLs by region or plan. */
  readonly otherBaseUrls?: Readonly<Record<string, string>>;
  readonly api: ApiKind;
  readonly auth: AuthStyle;
  /** Sent with every request unless the client sent its own, such as `anthropic-version`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `provider/model`. */
  readonly defaultModel?: string;
  readonly authKinds: readonly AuthKind[];
  /** Keys that begin so belong to a flat plan and go as a bearer token. */
  readonly subscriptionPrefixes?: readonly string[];
  /** Those of `env` that hold a credential of a flat plan. */
  readonly subscriptionVariables?: readonly string[];
  /** Comma-list headers that go with a bearer or subscription credential, beside what the client sent in them. */
  readonly bearerHeaders?: Readonly<Record<string, string>>;
  /** Hands requests on to many vendors, so one refusal says little of the next: never cools down as a whole. */
  readonly isAggregator?: true;
  /** Refuses with status 200, and says so in the middle of a JSON answer. */
  readonly hidesErrors?: true;
  /** Runs on the person's machine; no key needed. */
  readonly isLocal?: true;
  /** What the vendor answers beside what every provider with its `api` does, or elsewhere than these. */
  readonly endpoints?: Partial<Readonly<Record<Operation, OperationEndpoint>>>;
  /** Where some of its models speak another interface than `api`. The first prefix that fits decides. */
  readonly modelApis?: readonly ModelApi[];
  /** Its newer models refuse the older name of this field of Chat Completions, `max_tokens`. */
  readonly maxTokensField?: "max_completion_tokens";
  /** Headers that hold an attribute of the credential, such as its account: header by attribute. */
  readonly attributeHeaders?: Readonly<Record<string, string>>;
  /** How a service that is no chat model is tried out. Without it, it is not. */
  readonly probe?: ProbeFacts;
  /** `models status` lists it when there is nothing but a key in the environment. */
  readonly isListedFromEnv?: true;
  /** Public markers its keys begin with. They may be printed: a marker is the same for everybody. */
  readonly keyPrefixes?: readonly string[];
  /** Where people log in to it, as far as that is known. */
  readonly oauth?: OAuthFacts;
}
