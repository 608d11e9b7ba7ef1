import type { HomeSnapshot } from "@openclaw/home";
import { z } from "zod";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { reloadAll, reloadSchema, reloadStatus } from "./reload-view.ts";

const secretsAnswer = z.object({
  generation: z.int(),
  surfaces: z
    .array(
      z.object({
        path: z.string().describe("Where the reference stands: models.providers.openai.apiKey"),
        status: z
          .enum(["live", "stale", "cold", "skipped", "inactive"])
          .describe("stale: the last good value; cold: none; inactive: nothing in use needs it"),
        ref: z.string().optional(),
        resolvedAt: z.number().optional(),
        expiresAt: z.number().optional(),
        reason: z.string().optional(),
        fingerprint: z.string().optional().describe("Of its value"),
        code: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .readonly(),
});

/** How references stand, and reading everything again. */
export const secretOperations: readonly AdminOperation[] = [
  operation({
    ...noInput,
    id: "getSecrets",
    method: "GET",
    path: "/api/v1/secrets",
    summary: "How every reference to a secret stands",
    description: "No value is in it.",
    answer: secretsAnswer,
    handle: (_request, { home }) => secretsView(home.current),
  }),
  operation({
    ...noInput,
    id: "reloadSecrets",
    method: "POST",
    path: "/api/v1/secrets/reload",
    summary: "Read everything again, and resolve every reference again",
    description: "503 where one leads nowhere or a file is broken: what was in use stays.",
    answer: reloadSchema,
    status: reloadStatus,
    handle: ({ signal }, context) => reloadAll(context, signal),
  }),
];

function secretsView({ secrets, brokenReferences, salt }: HomeSnapshot): z.output<typeof secretsAnswer> {
  const surfaces = secrets.paths.flatMap((path) => {
    const known = secrets.stateOf(path);
    if (!known) return [];
    const { error, ...state } = { error: undefined, ...known };
    const fingerprint = secrets.get(path)?.fingerprint(salt);
    return {
      path,
      ...state,
      ...(fingerprint !== undefined && { fingerprint }),
      ...(error !== undefined && { code: error.code, message: error.message }),
    };
  });
  const broken = brokenReferences.map(({ path, error }) => ({
    path,
    status: "cold" as const,
    code: error.code,
    message: error.message,
  }));
  return { generation: secrets.generation, surfaces: [...surfaces, ...broken] };
}
