import { abortable } from "@openclaw/secrets";
import { ProviderError } from "./errors.ts";

/** What {@link readRequestBody} takes. */
export interface RequestBodyOptions {
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The bytes of a request's body, whatever it was given as, so that they can be sent again. `null` where there is none.
 *
 * @throws {ProviderError} `request-too-large` beyond the limit; the rest is not read.
 * @throws what reading it failed with, as it came; the signal's reason once it is aborted.
 */
export async function readRequestBody(
  body: ReadableStream<Uint8Array> | null,
  { limit, signal }: RequestBodyOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!body) return null;
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) return Buffer.concat(chunks);
      chunks.push(value);
      size += value.byteLength;
      if (size > limit) throw tooLarge(limit);
    }
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

function tooLarge(limit: number): ProviderError {
  return new ProviderError("request-too-large", `The body of the request is larger than ${limit} bytes`, {
    hint: "it is held in memory, because it may have to be sent again; raise maxBodyBytes, or send it without this fetch",
  });
}
