import { RotationError } from "@openclaw/key-rotation";
import { systemClock } from "@openclaw/secrets";
import { configuredUrl, type ConfiguredUrl } from "./configured-url.ts";
import { coolingResponse } from "./cooling-response.ts";
import { planFor, type PlanSource } from "./plan-source.ts";
import { readRequestBody } from "./request-body.ts";
import { requestEndpoint } from "./request-endpoint.ts";
import { findRequestModel } from "./request-model.ts";
import { createSender, type SenderOptions } from "./sender.ts";
import type { ProviderSpec } from "./spec.ts";
import type { Fetch } from "./system-fetch.ts";

/** What a {@link createProviderFetch} is made of. */
export interface ProviderFetchOptions extends SenderOptions, ConfiguredUrl {
  readonly plan: PlanSource;
  /** Bodies are held in memory, because they may have to be sent again. 64 MiB unless given. */
  readonly maxBodyBytes?: number;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * A `fetch` to give to an official SDK. It takes off what credential the SDK puts on, adds one of the plan, moves to the next one
 * on a rate limit, and sends none anywhere but to the base URL and what lies below. When all are cooling down it answers 429
 * itself, in the shape the SDK knows.
 *
 * @throws {ProviderError} `base-url-refused`. The fetch itself rejects with `foreign-host`, `redirect-refused`,
 * `request-too-large`, `secret-unsendable` or `unsupported-auth`, or with a `RotationError` when there is no credential.
 *
 * @example
 * const fetch = createProviderFetch(spec, { plan });
 * const openai = new OpenAI({ apiKey: "unused", fetch, maxRetries: 0 });
 */
export function createProviderFetch(spec: ProviderSpec, options: ProviderFetchOptions): Fetch {
  const baseUrl = configuredUrl(spec, options);
  const { clock = systemClock, maxBodyBytes = MAX_BODY_BYTES } = options;
  const send = createSender(options);

  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const endpoint = requestEndpoint(spec, baseUrl, urlOf(input));
    const request = new Request(input, { ...init, signal: null, duplex: "half" });
    const body = await readRequestBody(request.body, { limit: maxBodyBytes, signal });
    const plan = planFor(options.plan, modelOf(init?.body) ?? findRequestModel(endpoint.url.pathname, body));
    const { method, headers } = request;
    try {
      return await send(plan, { endpoint, method, headers: Object.fromEntries(headers), body, signal, init });
    } catch (error) {
      if (!(error instanceof RotationError) || error.code !== "all-cooling") throw error;
      return coolingResponse(error, { plan, dialect: endpoint.dialect, now: clock.now() });
    }
  };
}

function urlOf(input: string | URL | Request): string {
  if (typeof input === "string") return input;
  return input instanceof URL ? input.href : input.url;
}

/** A form has the model in a field of its own. */
function modelOf(body: unknown): string | undefined {
  const model = body instanceof FormData ? body.get("model") : undefined;
  return typeof model === "string" ? model : undefined;
}
