import { behaviours } from "./canary-provider.ts";
import type { Evidence } from "./evidence.ts";
import type { ScratchHome } from "./scratch-home.ts";

/** What requests are sent with. */
export interface GatewayRequestsOptions {
  readonly url: string;
  readonly scratch: ScratchHome;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

const CHECK = "gateway answers";

interface ClientRequest {
  readonly name: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: string;
}

/** Sends a gateway every kind of request a client may, good and bad, and keeps what it answers. */
export async function askGateway({ url, scratch, fetch, signal }: GatewayRequestsOptions): Promise<readonly Evidence[]> {
  const evidence: Evidence[] = [];
  for (const { name, path, token, body } of requestsFor(scratch)) {
    const response = await fetch(`${url}${path}`, {
      ...(body !== undefined && { method: "POST", body }),
      headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      signal,
    });
    const head = `${response.status} ${response.statusText}\n${[...response.headers].map((header) => header.join(": ")).join("\n")}\n\n`;
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from(await response.arrayBuffer())]);
    evidence.push({ check: CHECK, place: `answer to ${name}`, bytes, allowed: [] });
  }
  return evidence;
}

function requestsFor({ providers, valueOf }: ScratchHome): readonly ClientRequest[] {
  const token = valueOf("gateway-token");
  const stranger = valueOf("client-token");
  // Refusals come last, for they may put a credential out of use.
  const asked = behaviours.flatMap((model) =>
    providers.flatMap(({ id, dialect }) =>
      [false, true].map((stream): ClientRequest => {
        const path = dialect === "anthropic-messages" ? "/v1/messages" : "/v1/chat/completions";
        const messages = [{ role: "user", content: "hello" }];
        const name = `${id}/${model}${stream ? ", streamed" : ""}`;
        return { name, path, token, body: JSON.stringify({ model: `${id}/${model}`, max_tokens: 16, messages, stream }) };
      }),
    ),
  );
  const chat = "/v1/chat/completions";
  return [
    { name: "GET /healthz", path: "/healthz" },
    { name: "GET /readyz", path: "/readyz" },
    { name: "GET /v1/models", path: "/v1/models", token },
    { name: "GET /api/v1/secrets", path: "/api/v1/secrets", token },
    { name: "POST /api/v1/secrets/reload", path: "/api/v1/secrets/reload", token, body: "{}" },
    ...asked,
    { name: "a request without a token", path: chat, body: "{}" },
    { name: "a request with a wrong token", path: chat, token: stranger, body: "{}" },
    { name: "a token in the address", path: `/v1/models?token=${encodeURIComponent(token)}&key=${encodeURIComponent(stranger)}` },
    { name: "an unknown route", path: `/nothing/here?key=${encodeURIComponent(stranger)}`, token },
    { name: "an unknown model", path: chat, token, body: JSON.stringify({ model: "no-such-provider/none", messages: [] }) },
    { name: "a body that is no JSON", path: chat, token, body: "{" },
  ];
}
