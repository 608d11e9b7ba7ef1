import { expect } from "vitest";
import { z } from "zod";
import { adminOperations } from "../src/admin/operations.ts";
import { createRouter } from "../src/route.ts";
import { TOKEN, type TestGateway } from "./test-gateway.ts";

/** What the admin API answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

const router = createRouter(adminOperations.map(({ route }) => route));
const errorSchema = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() }) });

/** Calls the admin API, and compares each answer with what the OpenAPI document says of it: nothing may be in it that is not described. */
export function adminApi({ gateway }: TestGateway, token = TOKEN) {
  return async (method: string, path: string, body?: unknown): Promise<AdminAnswer> => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(method !== "GET" && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer: unknown = await response.json();
    const schema = schemaFor(method, path, response.status) ?? errorSchema;
    expect(schema.parse(answer)).toEqual(answer);
    return { status: response.status, body: answer };
  };
}

function schemaFor(method: string, path: string, status: number): z.ZodType | undefined {
  const found = router.find(method, path.split("?", 1)[0] ?? "");
  if (!("route" in found)) return undefined;
  const answers = adminOperations.find(({ route }) => route === found.route)?.answers ?? {};
  // A broken file is told as an error, with the status of a reload that kept what was there.
  const own = answers[status];
  return own && status === 503 ? z.union([own, errorSchema]) : own;
}
