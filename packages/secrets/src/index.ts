export { abortable } from "./abortable.ts";
export type { ActiveOutcome, ActiveSecrets, Surface, SurfaceFailure, SurfaceState } from "./active-secrets.ts";
export { systemClock, type Clock, type SleepOptions } from "./clock.ts";
export { checkCommand, type CommandFile, type CommandRules } from "./command-file.ts";
export type { BillingClass, Candidate, Credential, CredentialInfo, ResolveRequest } from "./credential.ts";
export { readCredentialText } from "./credential-text.ts";
export { errnoOf } from "./errno-of.ts";
export { SecretsError, type SecretsErrorCode, type SecretsErrorOptions } from "./errors.ts";
export { createExactRedaction } from "./exact-redaction.ts";
export { hasSlept } from "./has-slept.ts";
export { createLockFolder, type LockFolder, type LockFolderOptions, type LockOptions } from "./lock.ts";
export {
  createPrivateFile,
  ensurePrivateFile,
  readPrivateFile,
  writePrivateFile,
  type ReadPrivateFileOptions,
  type WritePrivateFileOptions,
} from "./private-file.ts";
export type { Env } from "./backends/env.ts";
export {
  resolutionLimitsSchema,
  secretProviderSchema,
  secretProvidersSchema,
  type EnvProviderConfig,
  type ExecProviderConfig,
  type FileProviderConfig,
  type ResolutionLimits,
  type SecretProviderConfig,
  type SecretProviders,
} from "./provider-config.ts";
export { realFilePath } from "./real-file-path.ts";
export { createRedactor, type RedactionStream, type Redactor, type RedactorOptions } from "./redactor.ts";
export { renewSecrets, type SecretRenewalOptions } from "./renewal.ts";
export {
  createSecretResolver,
  type ResolveAllOptions,
  type ResolveOptions,
  type ResolveOutcome,
  type SecretResolver,
  type SecretResolverOptions,
} from "./resolver.ts";
export { runCommand, type CommandResult, type RunCommandOptions } from "./run-command.ts";
export { formatSecretRef, isSecretRefLike, parseSecretRef, type SecretDefaults, type SecretRef, type SecretSource } from "./secret-ref.ts";
export { seal, unseal, type SealOptions } from "./seal.ts";
export { createSecretSearch, type SecretForm, type SecretHit, type SecretSearch, type SecretSearchEntry } from "./secret-search.ts";
export { readSecretValue } from "./secret-value.ts";
export { Secret } from "./secret.ts";
export {
  createSecretSnapshot,
  type BatchOptions,
  type BatchResolver,
  type ReloadReport,
  type SecretsDiagnostic,
  type SecretsDiagnosticCode,
  type SecretSnapshot,
  type SecretSnapshotOptions,
} from "./snapshot.ts";
export { withStartBackoff, type StartBackoffOptions } from "./start-backoff.ts";
