export { clearOrder, profileNotFound, readOrder, setOrder, type OrderQuery, type OrderReport } from "./agent-order.ts";
export { readableProfiles, type AgentAccounts, type Agents } from "./agents.ts";
export { billingCrossing, type BillingCrossing } from "./billing-crossing.ts";
export { readConfigKey, type ConfigKey } from "./config-key.ts";
export { parseConfig, readConfig, type AgentConfig, type Config, type ModelConfig, type ProviderConfig } from "./config.ts";
export { changedProfiles, type ProfileChanges } from "./changed-profiles.ts";
export { configVariables, type ConfigVariable } from "./config-variables.ts";
export { cooldownPolicy } from "./cooldown-policy.ts";
export { cooldownsOf, credentialOwner, windowState, type Cooldown, type CooldownContext } from "./cooldowns.ts";
export { selectCooldowns, type CooldownQuery, type CooldownSelection } from "./cooldown-selection.ts";
export { credentialHint } from "./credential-hint.ts";
export { isCredentialVariable } from "./credential-variable.ts";
export { editJson, type JsonChange, type JsonDialect, type JsonValue } from "./edit-json.ts";
export { envFileProblem, mergeEnv, readEnvFile, type EnvConflict, type EnvDefinition, type EnvLayer, type EnvLayers } from "./env.ts";
export { unusableCredential } from "./fail-closed.ts";
export { HomeError, type HomeErrorCode, type HomeErrorOptions } from "./errors.ts";
export {
  applyFileTransaction,
  finishFileTransaction,
  type FileChange,
  type FileTransactionOptions,
  type FinishedTransaction,
} from "./file-transaction.ts";
export { ensureFingerprintSalt, readFingerprintSalt } from "./fingerprint-salt.ts";
export { configSurfaces, type ConfigSurface } from "./config-surfaces.ts";
export {
  findReferences,
  isBrokenReference,
  isReference,
  type BrokenReference,
  type HomeReferences,
  type HomeUse,
  type ReferenceScope,
} from "./secret-surfaces.ts";
export { findSurfaceKind, surfaceKinds, type SurfaceKind } from "./surface-table.ts";
export { configuredSecrets, storedSecrets } from "./known-secrets.ts";
export { healthPlaces, type HomeHealthPlace } from "./health-places.ts";
export { createHomeHealth } from "./home-health.ts";
export { openHome, type AccountsReload, type Home } from "./home.ts";
export type { HomeSnapshot, OpenHomeOptions } from "./snapshot.ts";
export { jsonValueRanges, type ByteRange } from "./json-value-ranges.ts";
export { oauthEndpoints, resolveOAuthEndpoints } from "./oauth-endpoints.ts";
export type { OAuthConfig } from "./oauth-config.ts";
export { modelSettings, type ModelSettings, type ModelTarget } from "./models.ts";
export { fallbackClasses, modelName, modelTargets, type ModelTargets, type NoModel } from "./model-targets.ts";
export { agentDirOf, resolvePaths, type HomePaths, type ResolvePathsOptions } from "./paths.ts";
export { readCommitted, readPendingFiles, type PendingFiles } from "./pending-files.ts";
export { allKeys, configuredKey, environmentKeys, type NamedKey } from "./named-keys.ts";
export { nearest } from "./nearest.ts";
export type { PlanQuery } from "./plan.ts";
export { createProtectedFiles, type ProtectedFiles, type ProtectedFilesOptions } from "./protected-files.ts";
export { forgetProfile, profilePlaces, recordProfile, type MetadataStamp, type RecordProfileOptions } from "./profile-metadata.ts";
export { profileFingerprint, profileFingerprints } from "./profile-fingerprints.ts";
export { createProviderTable, type HomeProvider, type ProviderTable } from "./provider-table.ts";
export { shellEnvSettings, type ShellEnvSettings } from "./shell-env-settings.ts";
export { readShellEnv, type ReadShellEnvOptions, type ShellEnv } from "./shell-env.ts";
export { sandboxKeys, type TrialOptions } from "./trial.ts";
export type { ModelRef } from "@openclaw/providers";
export { ignoredWorkingDirectoryEnv, type WorkingDirectoryEnvOptions } from "./working-directory-env.ts";
export { watchHome, type HomeChange, type WatchHomeOptions } from "./watch-home.ts";
