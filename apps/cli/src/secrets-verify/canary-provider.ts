import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Canary } from "./canary.ts";

/** A key that came with a request. */
export interface Arrival {
  /** Of the provider it was sent to. */
  readonly provider: string;
  /** Of the canary. */
  readonly label: string;
}

/** A provider on this machine that repeats the key it is given wherever a careless one might. */
export interface CanaryProvider {
  readonly url: string;
  /** What the requests from now on may carry. */
  expect(canaries: readonly Canary[]): void;
  readonly arrivals: readonly Arrival[];
  close(): Promise<void>;
}

/** What the model of a request asks for. */
export const behaviours = ["ok", "limited", "broken", "stream-error", "denied"] as const;

/** Starts the provider on a free port of this machine. Its first path segment is the provider it plays. */
export async function startCanaryProvider(): Promise<CanaryProvider> {
  let known: readonly Canary[] = [];
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    response.on("error", () => response.destroy());
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const provider = request.url?.split("/")[1] ?? "";
    const everything = `${request.url}\n${request.rawHeaders.join("\n")}\n${body}`;
    const carried = known.filter(({ value }) => everything.includes(value));
    const isFirst = carried.some(({ label }) => !arrivals.some((arrival) => arrival.provider === provider && arrival.label !== label));
    for (const { label } of carried) arrivals.push({ provider, label });
    reply(response, { key: carried[0]?.value ?? "no key", isFirst, ...wishOf(body), isAnthropic: provider === "anthropic" });
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    expect(canaries) {
      known = canaries;
    },
    arrivals,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Wish {
  readonly model: string;
  readonly isStream: boolean;
}

interface Reply extends Wish {
  readonly key: string;
  /** Whether no other key came to this provider before. */
  readonly isFirst: boolean;
  readonly isAnthropic: boolean;
}

function reply(response: ServerResponse, { key, isFirst, model, isStream, isAnthropic }: Reply): void {
  const error = (type: string) => ({
    ...(isAnthropic && { type: "error" }),
    error: { type, message: `bad key ${key}, ${Buffer.from(`Bearer ${key}`).toString("base64")}` },
  });
  const json = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json", "x-echo": key, "x-echo-base64": Buffer.from(key).toString("base64") });
    response.end(JSON.stringify(body));
  };
  if (model === "denied") return json(401, error("authentication_error"));
  if (model === "broken") return json(500, error("api_error"));
  if (model === "limited" && isFirst) return json(429, error("rate_limit_error"));
  const words = `hello ${key}`;
  if (!isStream) {
    return json(
      200,
      isAnthropic
        ? { type: "message", role: "assistant", content: [{ type: "text", text: words }] }
        : { choices: [{ index: 0, message: { role: "assistant", content: words } }] },
    );
  }
  response.writeHead(200, { "content-type": "text/event-stream", "x-echo": key });
  const events = [
    isAnthropic
      ? `event: content_block_delta\ndata: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: words } })}\n\n`
      : `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: words } }] })}\n\n`,
    model === "stream-error"
      ? `${isAnthropic ? "event: error\n" : ""}data: ${JSON.stringify(error("overloaded_error"))}\n\n`
      : isAnthropic
        ? 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
        : "data: [DONE]\n\n",
  ].join("");
  // In the middle of a key, so that neither part is one.
  const cut = events.indexOf(key) + Math.floor(key.length / 2);
  response.write(events.slice(0, cut), () => setImmediate(() => response.end(events.slice(cut))));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function wishOf(body: string): Wish {
  try {
    const parsed: unknown = JSON.parse(body);
    const model =
      typeof parsed === "object" && parsed !== null && "model" in parsed && typeof parsed.model === "string" ? parsed.model : "";
    return { model, isStream: typeof parsed === "object" && parsed !== null && "stream" in parsed && parsed.stream === true };
  } catch {
    return { model: "", isStream: false };
  }
}
