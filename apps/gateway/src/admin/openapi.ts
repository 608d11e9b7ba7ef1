import { z } from "zod";
import type { AdminOperation } from "./operation.ts";

/** A document in the words of OpenAPI 3.1. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const DESCRIPTION =
  "What an operator sees and does with a running gateway. Every call wants the gateway's own token; what changes something wants content-type: application/json. No answer holds a secret. Times are epoch milliseconds.";

const errorSchema = z
  .object({
    error: z.object({
      code: z.string().describe("A word that does not change between versions"),
      message: z.string(),
      hint: z.string().optional().describe("What to type or change"),
    }),
  })
  .meta({ id: "Error" });

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer" },
  apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
} as const;

/** Describes operations, from the very schemas that judge what they take and give. */
export function openApiDocument(operations: readonly AdminOperation[], version: string): OpenApiDocument {
  const components = new Map<string, unknown>();
  const schemaOf = createSchemaWriter(components);
  const error = { description: "Why not", content: { "application/json": { schema: schemaOf(errorSchema) } } };
  const paths: Record<string, Record<string, object>> = {};
  for (const each of operations) {
    const path = each.route.path.replaceAll(/:([a-zA-Z]+)/gu, "{$1}");
    paths[path] = { ...paths[path], [each.route.method.toLowerCase()]: describe(each, schemaOf, error) };
  }
  return {
    openapi: "3.1.1",
    info: { title: "OpenClaw gateway, admin API", version, description: DESCRIPTION },
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    paths,
    components: { schemas: Object.fromEntries(components), securitySchemes },
  };
}

type WriteSchema = (schema: z.core.$ZodType) => unknown;

function describe(each: AdminOperation, schemaOf: WriteSchema, error: object): object {
  const { route, id, summary, description, params, query, body, answers, answerType } = each;
  const parameters = [...parametersIn("path", params, schemaOf), ...parametersIn("query", query, schemaOf)];
  const isEmpty = Object.keys(body.shape).length === 0;
  const content = { "application/json": { schema: schemaOf(body) } };
  const responses = Object.entries(answers).map(([status, schema]) => [
    status,
    { description: status === "200" ? summary : "What was there stays", content: { [answerType]: { schema: schemaOf(schema) } } },
  ]);
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.method !== "GET" && { requestBody: { required: !isEmpty, content } }),
    responses: { ...Object.fromEntries(responses), default: error },
  };
}

function parametersIn(place: "path" | "query", { shape }: z.ZodObject, schemaOf: WriteSchema): readonly object[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path" || !z.core.safeParse(schema, undefined).success,
    schema: schemaOf(schema),
  }));
}

/** Schemas that have a name are written once, among the components. */
function createSchemaWriter(components: Map<string, unknown>): WriteSchema {
  return (schema) => {
    // As a member, or one with a name of its own would not be put aside. As input, so that an answer may get more members later.
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ schema }), { io: "input" });
    for (const [name, { id: _name, ...definition }] of Object.entries($defs)) components.set(name, moved(definition));
    return moved(properties?.["schema"]);
  };
}

function moved(schema: unknown): unknown {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  const parsed: unknown = JSON.parse(text);
  return parsed;
}
