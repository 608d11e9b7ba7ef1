import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSdkGateway, type SdkGateway } from "./sdk-gateway.ts";

let gateway: SdkGateway;
const session = { "x-openclaw-session-key": "one" };

beforeAll(async () => {
  gateway = await startSdkGateway();
});
afterAll(() => gateway.close());

const openai = () => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token, maxRetries: 0, defaultHeaders: session });
const messages = [{ role: "user" as const, content: "/model list" }];
const listed = expect.stringContaining("openai/default-model");

test("OpenAI's SDK reads the answer to a command, whole and as a stream with its usage", async () => {
  const whole = await openai().chat.completions.create({ model: "openclaw/default", messages });
  expect([whole.choices[0]?.message.content, whole.choices[0]?.finish_reason, whole.usage?.total_tokens]).toEqual([listed, "stop", 0]);

  const stream = openai().chat.completions.stream({ model: "openclaw/default", messages, stream_options: { include_usage: true } });
  expect(await stream.finalContent()).toBe(whole.choices[0]?.message.content);
  expect((await stream.totalUsage()).total_tokens).toBe(0);
});

test("OpenAI's SDK reads the answer to a command of Responses, whole and event by event", async () => {
  const whole = await openai().responses.create({ model: "openai/any", input: "/model list" });
  expect([whole.output_text, whole.status]).toEqual([listed, "completed"]);

  const stream = openai().responses.stream({ model: "openai/any", input: "/model list" });
  let text = "";
  stream.on("response.output_text.delta", ({ delta }) => void (text += delta));
  const final = await stream.finalResponse();
  expect([text, final.output_text, final.usage?.total_tokens]).toEqual([whole.output_text, whole.output_text, 0]);
});

test("Anthropic's SDK reads the answer to a command, whole and event by event", async () => {
  const client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.token, authToken: null, maxRetries: 0 });
  const request = { model: "anthropic/any", max_tokens: 9, messages: [{ role: "user" as const, content: "/model" }] };
  const whole = await client.messages.create(request);
  expect(whole).toMatchObject({ content: [{ type: "text", text: expect.stringContaining("anthropic/any") }], stop_reason: "end_turn" });

  const stream = client.messages.stream(request);
  expect(await stream.finalText()).toBe(whole.content.map((block) => (block.type === "text" ? block.text : "")).join(""));
  expect(await stream.finalMessage()).toMatchObject({ stop_reason: "end_turn", usage: { output_tokens: 0 } });
});

test("Google's SDK reads the answer to a command, whole and as a stream", async () => {
  const client = new GoogleGenAI({ apiKey: gateway.token, httpOptions: { baseUrl: gateway.url, headers: session } });
  const request = { model: "google/any", contents: "/model" };
  const whole = await client.models.generateContent(request);
  expect(whole.text).toContain("google/any");
  let text = "";
  for await (const chunk of await client.models.generateContentStream(request)) text += chunk.text ?? "";
  expect(text).toBe(whole.text);
});

test("a message that begins with a command reaches the provider without it", async () => {
  gateway.provider.mock.onMessage("What is 2+2?", { content: "4" });
  const content = "/model openai/chosen What is 2+2?";
  const answer = await openai().chat.completions.create({ model: "openclaw/default", messages: [{ role: "user", content }] });
  expect(answer.choices[0]?.message.content).toBe("4");
  const bodies = gateway.provider.requestsFor("chosen").map(({ body }) => JSON.parse(body.toString()).messages[0].content);
  expect(new Set(bodies)).toEqual(new Set(["What is 2+2?"]));
});

test("no command reached a provider", () => {
  expect(["any", "default-model"].flatMap((model) => gateway.provider.requestsFor(model))).toEqual([]);
});
