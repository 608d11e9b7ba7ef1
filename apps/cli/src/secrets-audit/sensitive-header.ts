const names: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "apikey",
  "x-auth-token",
  "auth-token",
  "x-access-token",
  "access-token",
  "x-secret-key",
  "secret-key",
]);

/** Whether a header of this name carries a credential. */
export function isSensitiveHeader(name: string): boolean {
  const lower = name.trim().toLowerCase();
  return names.has(lower) || /api-key|apikey|token|secret|password|credential/u.test(lower);
}
