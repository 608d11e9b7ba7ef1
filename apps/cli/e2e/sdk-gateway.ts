import { createTempHome, type TempHome } from "@openclaw/testkit";
import { expect } from "vitest";
import { GOOD, LIMITED, startMockProvider, type MockProvider } from "./mock-provider.ts";
import { startOpenclawGateway } from "./openclaw.ts";

/** The built gateway as an SDK meets it: an address and a token. */
export interface SdkGateway {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly home: TempHome;
  /** Behind it. Of each provider's two keys the first is limited. */
  readonly provider: MockProvider;
  close(): Promise<void>;
}

/** Starts the built gateway in a home of its own, over a {@link MockProvider} that is `openai`, `anthropic` and `google`. */
export async function startSdkGateway(): Promise<SdkGateway> {
  const provider = await startMockProvider();
  const home = await createTempHome({
    ".openclaw/openclaw.json": {
      gateway: { mode: "local" },
      agents: { defaults: { model: "openai/default-model" } },
      models: {
        providers: {
          openai: { baseUrl: `${provider.url}/v1`, models: [{ id: "listed-model" }] },
          anthropic: { baseUrl: provider.url },
          google: { baseUrl: `${provider.url}/v1beta` },
        },
      },
    },
  });
  const keys = `${LIMITED} ${GOOD}`;
  const env = { OPENAI_API_KEYS: keys, ANTHROPIC_API_KEYS: keys, GEMINI_API_KEYS: keys };
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], env);
  return {
    url,
    token: (await home.read(".openclaw/gateway-token")).trim(),
    home,
    provider,
    async close() {
      await running.stop();
      await provider.close();
      await home.remove();
    },
  };
}

/** What an SDK sent. */
interface SentRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A `fetch` that remembers what it was given to send. */
export function rememberingFetch(): { readonly fetch: typeof fetch; readonly sent: readonly SentRequest[] } {
  const sent: SentRequest[] = [];
  return {
    sent,
    fetch(input, init) {
      sent.push({ url: String(input), headers: new Headers(init?.headers), body: String(init?.body) });
      return fetch(input, init);
    },
  };
}

/** What an answer of the second key says of itself to who shows the gateway's own token. */
export function secondKeyHeaders(variable: string): Readonly<Record<string, unknown>> {
  return {
    "x-openclaw-attempts": "2",
    "x-openclaw-credential": expect.stringMatching(/^#[0-9a-f]{8}$/u),
    "x-openclaw-credential-class": "metered",
    "x-openclaw-credential-origin": `${variable}[2]`,
  };
}
