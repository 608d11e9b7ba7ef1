import type { ServerResponse } from "node:http";
import type { ReloadReport } from "@openclaw/secrets";
import type { GatewayContext } from "../context.ts";
import { abortWhenClosed } from "../client-gone.ts";
import { GatewayError, isOwnError } from "../errors.ts";
import type { Route } from "../route.ts";
import { sendJson } from "../send-json.ts";

/** How references stand, and reading everything again. */
export const secretRoutes: readonly Route[] = [
  { method: "GET", path: "/api/v1/secrets", access: "admin", handle: ({ response }, context) => handleSecrets(response, context) },
  {
    method: "POST",
    path: "/api/v1/secrets/reload",
    access: "admin",
    handle: ({ response }, context) => handleSecretsReload(response, context),
  },
];

/**
 * Answers `POST /api/v1/secrets/reload`: 200 when the new secrets are in use, 503 when a reference did not
 * resolve and the last known good stays. Names places and references, never a value.
 *
 * @throws {GatewayError} `reload-failed` when a file is broken.
 */
async function handleSecretsReload(response: ServerResponse, context: GatewayContext): Promise<void> {
  const report = await context.reload(abortWhenClosed(response)).catch(refuse);
  const isKept = report.outcome === "kept";
  const error = { code: "secrets-kept", message: "Not every reference resolved: the last known good secrets stay in use" };
  const answer = { ok: !isKept, ...(isKept && { error }), ...describe(report) };
  sendJson(response, isKept ? 503 : 200, redactedJson(answer, context));
}

/** Answers `GET /api/v1/secrets`: how every reference of the running gateway stands. */
function handleSecrets(response: ServerResponse, context: GatewayContext): void {
  const { secrets, brokenReferences, salt } = context.home.current;
  const surfaces = secrets.paths.map((path) => {
    const { error, ...state } = { error: undefined, ...secrets.stateOf(path) };
    const fingerprint = secrets.get(path)?.fingerprint(salt);
    return {
      path,
      ...state,
      ...(fingerprint !== undefined && { fingerprint }),
      ...(error !== undefined && { code: error.code, message: error.message }),
    };
  });
  const broken = brokenReferences.map(({ path, error }) => ({ path, status: "cold", code: error.code, message: error.message }));
  const answer = { generation: secrets.generation, surfaces: [...surfaces, ...broken] };
  sendJson(response, 200, redactedJson(answer, context));
}

/** Text by text: a key as short as a number or a member of the answer would break what is JSON. */
function redactedJson(answer: object, { secrets }: GatewayContext): string {
  return JSON.stringify(answer, (_name, value: unknown) => (typeof value === "string" ? secrets.redactor.text(value) : value));
}

/** A file that is broken is no reason to stop: what was in use stays, and the operator is told what to mend. */
function refuse(error: unknown): never {
  if (!isOwnError(error)) throw error;
  throw new GatewayError("reload-failed", `Nothing was reloaded, what was in use stays: ${error.message}`, {
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}

function describe({ outcome, generation, changed, failures, diagnostics }: ReloadReport): object {
  return {
    outcome,
    generation,
    changed,
    failures: failures.map(({ path, owner, ref, code, error }) => ({
      path,
      owner,
      ref,
      code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    })),
    warningCount: diagnostics.length,
    diagnostics,
  };
}
