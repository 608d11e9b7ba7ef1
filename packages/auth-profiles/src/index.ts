export {
  createAuthProfiles,
  type AuthProfiles,
  type AuthProfilesOptions,
  type CandidateQuery,
  type ProfileCandidates,
  type ProfileSet,
  type ReadStores,
} from "./auth-profiles.ts";
export { authStoreJsonSchema } from "./auth-store-schema.ts";
export { type ProfileBilling } from "./candidate.ts";
export { credentialFields, type CredentialFields } from "./credential-fields.ts";
export { documentedStoreText } from "./documented-store-text.ts";
export { checkEligibility, type EligibilityQuestion, type ProfileMetadata, type ReasonCode } from "./eligibility.ts";
export { AuthProfileError, type AuthProfileErrorCode, type AuthProfileErrorOptions } from "./errors.ts";
export { type Expiry } from "./expiry.ts";
export {
  createExpiryWatch,
  nextChangeAt,
  readWatchStates,
  type ExpiryEvent,
  type ExpiryWatch,
  type ExpiryWatchOptions,
  type WatchState,
  type WatchStates,
} from "./expiry-watch.ts";
export { createFileStorage, type FileStorageOptions, type ProfileStorage } from "./file-storage.ts";
export type { ImportedLogin, LoginFile, LoginOwner } from "./import/imported-login.ts";
export { loginReaders } from "./import/login-readers.ts";
export { placeLogin, type Placement, type PlaceLoginOptions } from "./import/place-login.ts";
export {
  EXPIRING_WITHIN_MS,
  inspectProfile,
  providerHealth,
  type HealthStatus,
  type ProfileHealth,
  type ProviderHealth,
} from "./inspect.ts";
export { mergeStores } from "./merge-stores.ts";
export { type NormalizeProvider } from "./normalize-provider.ts";
export { listenForCallback, type CallbackListener, type CallbackListenerOptions } from "./oauth/callback-listener.ts";
export type { PendingDevice } from "./oauth/device.ts";
export type { OAuthEndpoints, RedirectHost } from "./oauth/endpoints.ts";
export type { PendingLogin } from "./oauth/login.ts";
export { renewCommand } from "./oauth/login-command.ts";
export { createOAuthClient, type OAuthClient, type OAuthClientOptions } from "./oauth/oauth-client.ts";
export { readPastedCallback, type PastedLogin } from "./oauth/pasted-callback.ts";
export type { RefreshState } from "./oauth/refresh-state.ts";
export { createRefresher, type LoginRequest, type Refresher, type RefresherOptions, type StoredLogin } from "./oauth/refresher.ts";
export type { Fetch } from "./oauth/system-fetch.ts";
export type { TokenSet } from "./oauth/token-set.ts";
export { withUserinfo, type UserinfoOptions } from "./oauth/userinfo.ts";
export { orderProfiles, type ExcludedProfile, type ProfileConfig, type ProfileOrder, type ProfileOrderQuery } from "./order.ts";
export { isRenewableRef, renewReference } from "./renew-reference.ts";
export type { ProfileSecrets } from "./resolve-profile.ts";
export type { ApiKeyProfile, AuthProfile, DropReason, OAuthProfile, ProfileType, TokenProfile } from "./profile.ts";
export { storeLockName } from "./store-lock-name.ts";
export { storedEntries, type StoredEntry } from "./stored-entries.ts";
export type { NewTokens, StoreDraft } from "./store-draft.ts";
export type { UpdateOptions } from "./update-store-file.ts";
export { parseAuthStore, type AuthStore, type DroppedProfile, type ParseAuthStoreOptions, type StoreDiagnostic } from "./store.ts";
export type { StoreFinding, StoreFindingCode } from "./store-finding.ts";
export { validateStore, type ValidateStoreOptions } from "./validate-store.ts";
export { currentWindow, type ProfileUsage, type UsageMap, type UsageWindow } from "./usage.ts";
