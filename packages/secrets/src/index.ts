export type { ActiveSecrets, Surface, SurfaceFailure, SurfaceState } from "./active-secrets.ts";
export { systemClock, type Clock } from "./clock.ts";
export type { BillingClass, Candidate, Credential, CredentialInfo, ResolveRequest } from "./credential.ts";
export { readCredentialText } from "./credential-text.ts";
export { SecretsError, type SecretsErrorCode, type SecretsErrorOptions } from "./errors.ts";
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
export { createRedactor, type RedactionStream, type Redactor } from "./redactor.ts";
export {
  createSecretResolver,
  type ResolveAllOptions,
  type ResolveOptions,
  type ResolveOutcome,
  type SecretResolver,
  type SecretResolverOptions,
} from "./resolver.ts";
export { formatSecretRef, isSecretRefLike, parseSecretRef, type SecretDefaults, type SecretRef, type SecretSource } from "./secret-ref.ts";
export { seal, unseal, type SealOptions } from "./seal.ts";
export { readSecretValue } from "./secret-value.ts";
export { Secret } from "./secret.ts";
export {
  createSecretSnapshot,
  type BatchResolver,
  type ReloadReport,
  type SecretsDiagnostic,
  type SecretsDiagnosticCode,
  type SecretSnapshot,
  type SecretSnapshotOptions,
} from "./snapshot.ts";
