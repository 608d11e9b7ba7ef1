import { join } from "node:path";
import type { Home } from "@openclaw/home";
import { dialectsOf, type Dialect } from "@openclaw/providers";
import { writePrivateFile, type Secret } from "@openclaw/secrets";

/**
 * Writes the headers a client needs to a file only its owner can read, and returns a `curl` command that
 * uses it: no token on screen, in the history or in the process list. `undefined` when the default model's
 * provider speaks no dialect the gateway serves.
 */
export async function writeTryOut(options: {
  readonly home: Home;
  readonly url: string;
  readonly token: Secret;
}): Promise<string | undefined> {
  const { home, url, token } = options;
  const { paths, providers } = home.current;
  const settings = home.current.models();
  const ref = settings.resolve(settings.defaultModel);
  const provider = ref && providers.find(ref.provider);
  if (!ref || !provider?.baseUrl) return undefined;
  const dialect = dialectsOf(provider.spec, ref.model)[0];
  if (dialect === undefined) return undefined;

  const headerFile = join(paths.stateDir, "curl-headers");
  const version = dialect === "anthropic-messages" ? "anthropic-version: 2023-06-01\n" : "";
  await writePrivateFile(headerFile, `Authorization: Bearer ${token.reveal()}\nContent-Type: application/json\n${version}`);
  const { path, body } = greetings[dialect];
  return `curl -sS ${url}${path} -H @${quote(headerFile)} -d ${quote(JSON.stringify(body))}`;
}

const model = "openclaw/default";
const messages = [{ role: "user", content: "Hello" }] as const;

/** The shortest request of each dialect. */
const greetings: Readonly<Record<Dialect, { readonly path: string; readonly body: object }>> = {
  "openai-completions": { path: "/v1/chat/completions", body: { model, messages } },
  "openai-responses": { path: "/v1/responses", body: { model, input: "Hello" } },
  "anthropic-messages": { path: "/v1/messages", body: { model, max_tokens: 64, messages } },
  "google-generative-ai": { path: `/v1beta/models/${model}:generateContent`, body: { contents: [{ parts: [{ text: "Hello" }] }] } },
};

/** Quotes a word for a POSIX shell where it needs it. */
function quote(word: string): string {
  return /^[\w./:@-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
