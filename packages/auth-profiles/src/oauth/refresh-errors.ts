import { SecretsError } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import type { OAuthProfile } from "../profile.ts";
import { loginCommand, renewCommand } from "./login-command.ts";

/** A login without any way to another access. */
export function cannotRefresh(id: string, profile: OAuthProfile): AuthProfileError {
  return new AuthProfileError("oauth-expired", `The login of profile "${id}" has expired and cannot be refreshed`, {
    profileId: id,
    hint: renewCommand(profile),
  });
}

/** Somebody else holds the account, or, without a cause, keeps changing it. */
export function refreshBusy(id: string, cause: SecretsError | undefined): AuthProfileError {
  const who = cause === undefined ? "it kept changing" : cause.message;
  return new AuthProfileError("refresh-busy", `The login of profile "${id}" was not refreshed: ${who}`, {
    ...(cause && { cause }),
    profileId: id,
    hint: "see whether that process is stopped or hangs, and try again",
  });
}

/** A store that other writers do not let go of. */
export function storeBusy(id: string, cause: SecretsError): AuthProfileError {
  return new AuthProfileError("store-unwritable", `The store of profile "${id}" is busy and was not changed: ${cause.message}`, {
    cause,
    profileId: id,
    hint: "see whether that process is stopped or hangs, and try again",
  });
}

/** Tokens that belong to somebody else. */
export function accountMismatch(id: string, provider: string): AuthProfileError {
  return new AuthProfileError("account-mismatch", `The refresh of profile "${id}" was answered with another account's tokens`, {
    profileId: id,
    hint: `nothing was changed; ${loginCommand(provider)}`,
  });
}

/** A refresh that was not made, because its notes can be neither trusted nor kept. */
export function journalFailed(code: "store-unreadable" | "store-unwritable", id: string, folder: string, error: unknown): unknown {
  if (!(error instanceof SecretsError)) return error;
  return new AuthProfileError(code, `The login of profile "${id}" was not refreshed, for that is noted in ${folder}: ${error.message}`, {
    cause: error,
    profileId: id,
    hint: error.hint ?? `make ${folder} a folder that this user may write to`,
  });
}

/** A token that was sent twice: the answer to the first sending was lost, and the second found it spent. */
export function spentUnanswered(id: string, provider: string, cause: AuthProfileError): AuthProfileError {
  const message = `The login of profile "${id}" was not refreshed: the answer to its refresh token was lost, and it is not taken a second time`;
  return new AuthProfileError("refresh-indeterminate", message, { cause, profileId: id, hint: loginCommand(provider) });
}

/** The same error, naming the profile. */
export function ofProfile(id: string, error: AuthProfileError): AuthProfileError {
  return new AuthProfileError(error.code, `Profile "${id}": ${error.message}`, {
    cause: error,
    profileId: id,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.retryAt !== undefined && { retryAt: error.retryAt }),
  });
}
