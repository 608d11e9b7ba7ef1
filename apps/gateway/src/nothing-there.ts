import { GatewayError } from "./errors.ts";
import { surfaces } from "./surfaces.ts";

/** Below what stands for one model. */
const MODEL = /^\/v1(?:beta)?\/models\/./u;
const operations = surfaces.filter(({ path }) => path.includes("*model")).map(({ operation }) => `:${operation}`);

/** Why no route answers a request: its path leads nowhere, or these methods would lead somewhere. */
export function nothingThere(allowed: readonly string[], method: string, path: string): GatewayError {
  // Only its name can be asked for with GET, which is no help to who wants something of the model.
  if (method === "POST" && MODEL.test(path)) {
    return new GatewayError("not-found", `There is nothing at ${path}`, {
      hint: `of a model in the path there are ${operations.join(", ")}; OpenAI's and Anthropic's requests name it in the body`,
    });
  }
  if (allowed.length > 0) return new GatewayError("method-not-allowed", `Use ${allowed.join(" or ")} here`);
  if (path.startsWith("/api/")) {
    return new GatewayError("not-found", `There is nothing at ${path}`, { hint: "GET /api/v1/openapi.json describes what there is" });
  }
  // Most often a client that was given the base URL of another one.
  return new GatewayError("not-found", `There is nothing at ${path}`, {
    hint: "the base URL ends in /v1 for clients of OpenAI, and in the port for those of Anthropic and Google",
  });
}
