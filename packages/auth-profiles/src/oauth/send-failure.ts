import { isRecord } from "../record.ts";

/** What Node says when the server's certificate was refused, which is before a byte of the request is sent. */
const certificateCodes: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * Whether a failure of `fetch` proves that nothing was sent: the name was not found, no connection was
 * made, or the certificate was refused. An errno alone does not: a connection in use can be unreachable
 * or reset as well, so the system call counts.
 */
export function isNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Several addresses were tried: all of them must have failed before sending.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isNeverSent);
  const syscall = textOf(error, "syscall");
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  const code = textOf(error, "code");
  if (code === "UND_ERR_CONNECT_TIMEOUT" || certificateCodes.has(code)) return true;
  return isNeverSent(error.cause);
}

/** A failure's code, such as `ECONNREFUSED`. Its message is not used: a parser's quotes what was received. */
export function nameOfFailure(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  const code = textOf(error, "code");
  if (/^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  return error.cause === undefined ? "network failure" : nameOfFailure(error.cause);
}

function textOf(error: unknown, name: string): string {
  const value = isRecord(error) ? error[name] : undefined;
  return typeof value === "string" ? value : "";
}
