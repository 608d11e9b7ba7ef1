export { systemClock, type Clock } from "./clock.ts";
export type { BillingClass, Candidate, Credential, CredentialInfo, ResolveRequest } from "./credential.ts";
export { readCredentialText } from "./credential-text.ts";
export { SecretsError, type SecretsErrorCode, type SecretsErrorOptions } from "./errors.ts";
export { createPrivateFile, writePrivateFile } from "./private-file.ts";
export { createSecretResolver, type Env, type SecretResolver, type SecretResolverOptions } from "./resolver.ts";
export { formatSecretRef, isSecretRefLike, parseSecretRef, type SecretDefaults, type SecretRef, type SecretSource } from "./secret-ref.ts";
export { Secret } from "./secret.ts";
