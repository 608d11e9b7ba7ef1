import { createServer, request as sendRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { LLMock } from "@copilotkit/aimock";
import { anthropicError, openaiError, startFakeProvider, type FakeProvider } from "@openclaw/testkit";

/** Limited for every model, always. */
export const LIMITED = "test-key-limited";
/** Good for every model. */
export const GOOD = "test-key-good";

/** A request as it arrived at the provider. */
interface MockRequest {
  readonly key: string;
  /** As the body or, with Google, the path names it. */
  readonly model: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** OpenAI, Anthropic and Google at one address. */
export interface MockProvider {
  readonly url: string;
  /** Answers the good key, in the shapes of the real interfaces. */
  readonly mock: LLMock;
  /** Answers both keys, as scripted, for models whose name begins with `scripted`. */
  readonly scripted: FakeProvider;
  /** Those for a model, in order. */
  requestsFor(model: string): readonly MockRequest[];
  /** Their keys. */
  keysFor(model: string): readonly string[];
  close(): Promise<void>;
}

/** Starts a {@link MockProvider}. A model nobody asked for yet meets the limited key anew: cooldowns are for one model. */
export async function startMockProvider(): Promise<MockProvider> {
  const mock = new LLMock({ port: 0 });
  await mock.start();
  const scripted = await startFakeProvider();
  const requests: MockRequest[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = "", headers } = request;
    const body = Buffer.concat(await request.toArray());
    const asked = { key: keyOf(headers), model: modelOf(path, body), path, headers, body };
    requests.push(asked);
    if (asked.model.startsWith("scripted")) forward(scripted.url, asked, response);
    else if (asked.key === GOOD) forward(mock.url, asked, response);
    else response.writeHead(429, { "content-type": "application/json", "retry-after": "600" }).end(JSON.stringify(limitFor(path)));
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the mock provider has no port");
  const requestsFor = (model: string) => requests.filter((request) => request.model === model);
  return {
    url: `http://127.0.0.1:${address.port}`,
    mock,
    scripted,
    requestsFor,
    keysFor: (model) => requestsFor(model).map(({ key }) => key),
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await Promise.all([closed.promise, scripted.close(), mock.stop()]);
    },
  };
}

/** Passes a request on and its answer back; whoever leaves is left on the other side too. */
function forward(to: string, { path, headers, body }: MockRequest, response: ServerResponse): void {
  const { host: _host, ...others } = headers;
  const upstream = sendRequest(`${to}${path}`, { method: "POST", headers: others }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  upstream.on("error", () => response.destroy());
  response.once("close", () => upstream.destroy());
  upstream.end(body);
}

function keyOf({ authorization, ...headers }: IncomingHttpHeaders): string {
  return String(headers["x-api-key"] ?? headers["x-goog-api-key"] ?? authorization?.replace(/^Bearer /u, "") ?? "");
}

function modelOf(path: string, body: Buffer): string {
  const inPath = /\/models\/([^:]+):/u.exec(path)?.[1];
  if (inPath !== undefined) return decodeURIComponent(inPath);
  const json: unknown = JSON.parse(body.toString("utf8"));
  return typeof json === "object" && json !== null && "model" in json ? String(json.model) : "";
}

function limitFor(path: string): object {
  if (path.startsWith("/v1beta/")) return { error: { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" } };
  if (path.startsWith("/v1/messages")) return anthropicError("Number of requests exceeds your limit", "rate_limit_error");
  return openaiError("Rate limit reached", "requests", "rate_limit_exceeded");
}
