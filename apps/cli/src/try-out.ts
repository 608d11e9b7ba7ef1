import { join } from "node:path";
import type { Home } from "@openclaw/home";
import { endpointFor } from "@openclaw/providers";
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
  if (!provider?.baseUrl) return undefined;
  const isOpenAI = endpointFor(provider.spec, "openai-completions", provider.baseUrl) !== undefined;
  if (!isOpenAI && endpointFor(provider.spec, "anthropic-messages", provider.baseUrl) === undefined) return undefined;

  const headerFile = join(paths.stateDir, "curl-headers");
  await writePrivateFile(
    headerFile,
    `Authorization: Bearer ${token.reveal()}\nContent-Type: application/json\n${isOpenAI ? "" : "anthropic-version: 2023-06-01\n"}`,
  );
  const path = isOpenAI ? "/v1/chat/completions" : "/v1/messages";
  const body = { model: "openclaw/default", ...(isOpenAI ? {} : { max_tokens: 64 }), messages: [{ role: "user", content: "Hello" }] };
  return `curl -sS ${url}${path} -H @${quote(headerFile)} -d ${quote(JSON.stringify(body))}`;
}

/** Quotes a word for a POSIX shell where it needs it. */
function quote(word: string): string {
  return /^[\w./:@-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
