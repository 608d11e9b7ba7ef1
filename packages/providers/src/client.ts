import { configuredUrl, type ConfiguredUrl } from "./configured-url.ts";
import { planFor, type PlanSource } from "./plan-source.ts";
import { requestEndpoint } from "./request-endpoint.ts";
import { findRequestModel } from "./request-model.ts";
import { createSender, type SenderOptions } from "./sender.ts";
import type { ProviderSpec } from "./spec.ts";

/** What a {@link ProviderClient} is made of. */
export interface ProviderClientOptions extends SenderOptions, ConfiguredUrl {
  readonly plan: PlanSource;
}

/** One request to a provider. */
export interface ProviderRequest {
  /** Below the base URL, with its query: `/chat/completions`. */
  readonly path: string;
  /** `POST` unless given. */
  readonly method?: string;
  /** Credentials among them are not sent. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes and text are sent as they are, an object as JSON. */
  readonly body?: Uint8Array | string | object;
  readonly signal?: AbortSignal;
}

/** Sends requests to one provider, with whichever of its credentials can be used. */
export interface ProviderClient {
  /**
   * Resolves with the provider's answer, which may be an error; of a stream once its first content is here.
   *
   * @throws {RotationError} when no credential can be tried.
   * @throws {ProviderError} `foreign-host`, `redirect-refused`, `secret-unsendable` or `unsupported-auth`.
   * @throws what the connection failed with; the signal's reason, as it came, once it is aborted.
   */
  send(request: ProviderRequest): Promise<Response>;
}

/**
 * A client of one provider: it adds the credential, moves to the next one on a rate limit, and sends none anywhere but to the
 * base URL and what lies below. For an SDK there is `createProviderFetch`.
 *
 * @throws {ProviderError} `base-url-refused`.
 *
 * @example
 * const client = createProviderClient(spec, { plan });
 * const response = await client.send({ path: "/chat/completions", body: { model: "gpt-5.4", messages } });
 */
export function createProviderClient(spec: ProviderSpec, options: ProviderClientOptions): ProviderClient {
  const baseUrl = configuredUrl(spec, options);
  const send = createSender(options);
  return {
    async send({ path, method = "POST", headers = {}, body, signal }) {
      signal?.throwIfAborted();
      const endpoint = requestEndpoint(spec, baseUrl, `${baseUrl.href.replace(/\/+$/, "")}${path}`);
      const { bytes, type } = contentOf(body);
      const plan = planFor(options.plan, findRequestModel(endpoint.url.pathname, bytes));
      return send(plan, { endpoint, method, headers: { ...type, ...lowerCase(headers) }, body: bytes, signal });
    },
  };
}

interface Content {
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly type?: Readonly<Record<string, string>>;
}

function contentOf(body: ProviderRequest["body"]): Content {
  if (body === undefined) return { bytes: null };
  if (typeof body === "string") return { bytes: Buffer.from(body) };
  if (body instanceof Uint8Array) return { bytes: Buffer.from(body) };
  return { bytes: Buffer.from(JSON.stringify(body)), type: { "content-type": "application/json" } };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
