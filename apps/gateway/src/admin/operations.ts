import { z } from "zod";
import { configOperations } from "./config.ts";
import { eventOperation } from "./events.ts";
import { healthOperations } from "./health.ts";
import { openApiDocument } from "./openapi.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { orderOperations } from "./order.ts";
import { profileOperations } from "./profiles.ts";
import { secretOperations } from "./secrets.ts";
import { sessionOperations } from "./sessions.ts";
import { statusOperations } from "./status.ts";

const document = operation({
  ...noInput,
  id: "getOpenApi",
  method: "GET",
  path: "/api/v1/openapi.json",
  summary: "This document",
  answer: z.looseObject({ openapi: z.string() }),
  handle: (_request, { program }) => ({ ...openApiDocument(adminOperations, program.version) }),
});

/** Everything the admin API does. */
export const adminOperations: readonly AdminOperation[] = [
  document,
  ...statusOperations,
  ...profileOperations,
  ...orderOperations,
  ...healthOperations,
  ...sessionOperations,
  ...secretOperations,
  ...configOperations,
  eventOperation,
];
