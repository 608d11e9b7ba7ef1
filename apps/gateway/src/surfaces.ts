import { dialectOf, type Dialect, type Operation } from "@openclaw/providers";

/** Where clients ask for one operation. */
export interface Surface {
  readonly operation: Operation;
  readonly dialect: Dialect;
  /** As a route has it. With a parameter, the model stands there, else in the body. */
  readonly path: string;
  /** What is not about a conversation is about one model: no other one's vectors or numbers take its place. */
  readonly purpose: "conversation" | "embedding" | "counting";
}

/** Everything that can be asked of a model. */
export const surfaces: readonly Surface[] = [
  surface("chat-completions", "/v1/chat/completions", "conversation"),
  surface("responses", "/v1/responses", "conversation"),
  surface("embeddings", "/v1/embeddings", "embedding"),
  surface("messages", "/v1/messages", "conversation"),
  surface("count-message-tokens", "/v1/messages/count_tokens", "counting"),
  // Some clients leave out `models/` where the name of a model has a slash.
  surface("generateContent", "/v1beta/*model:generateContent", "conversation"),
  surface("streamGenerateContent", "/v1beta/*model:streamGenerateContent", "conversation"),
  surface("countTokens", "/v1beta/*model:countTokens", "counting"),
  surface("embedContent", "/v1beta/*model:embedContent", "embedding"),
  surface("batchEmbedContents", "/v1beta/*model:batchEmbedContents", "embedding"),
];

/** Where an operation is asked for, as people read it. */
export function publicPath({ path }: Surface): string {
  return path.replace("*model", "models/{model}");
}

function surface(operation: Operation, path: string, purpose: Surface["purpose"]): Surface {
  return { operation, dialect: dialectOf(operation), path, purpose };
}
