/** `{"model":"gpt-5",…`: most clients write it first, and then the rest need not be parsed. */
const firstMember = /^\s{0,64}\{\s{0,64}"model"\s{0,8}:\s{0,8}"((?:[^"\\]|\\.){1,256})"/;

/** `/models/gemini-3:generateContent` of Google, `/deployments/gpt-5/` of Azure. */
const inPath = /\/(?:models|tunedModels|deployments)\/([^/:]{1,256})[/:]./;

const BEGINNING = 1024;

/**
 * Which model a request asks for, by its path or the `model` in its JSON: what a rate limit is about. `undefined` where
 * neither says so. What the provider makes of the body is the provider's to judge.
 */
export function findRequestModel(path: string, body: Uint8Array | null): string | undefined {
  const named = inPath.exec(path)?.[1];
  if (named !== undefined) return decoded(named);
  if (!body) return undefined;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const first = firstMember.exec(text.toString("utf8", 0, BEGINNING))?.[1];
  return first === undefined ? modelIn(text) : modelIn(`{"model":"${first}"}`);
}

function modelIn(json: Buffer | string): string | undefined {
  // A parser would say so too, but only after it has looked at all of it.
  if (typeof json !== "string" && !/^\s*\{/.test(json.toString("latin1", 0, 64))) return undefined;
  try {
    const value: unknown = JSON.parse(json.toString());
    const model = typeof value === "object" && value !== null && "model" in value ? value.model : undefined;
    return typeof model === "string" && model !== "" ? model : undefined;
  } catch {
    return undefined;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
