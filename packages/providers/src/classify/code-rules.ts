import type { FailureClass } from "@openclaw/key-rotation";
import type { Verdict } from "./verdict.ts";

/** A class and the codes that mean it. */
type CodeTable = readonly (readonly [FailureClass, string])[];

/** Codes that say what happened, in whatever field a vendor writes them. Spelling and case do not matter. */
const codes: CodeTable = [
  ["rate_limit", "rate_limit rate_limited rate_limit_error rate_limit_exceeded too_many_requests model_cooldown"],
  ["rate_limit", "resource_exhausted quota_exceeded usage_limit_reached"],
  ["rate_limit", "throttled throttling throttling_error throttling_exception"],
  // Alibaba says which limit: Throttling.RateQuota.
  ["rate_limit", "throttling_rate_quota throttling_burst_rate throttling_allocation_quota"],
  ["overloaded", "overloaded overloaded_error engine_overloaded_error model_not_ready_exception"],
  ["billing", "insufficient_quota insufficient_balance insufficient_credits payment_required billing_error"],
  ["billing", "billing_hard_limit_reached billing_not_active arrearage"],
  ["auth_permanent", "invalid_api_key api_key_invalid api_key_revoked api_key_deactivated api_key_deleted"],
  ["auth_permanent", "account_deactivated permission_error"],
  ["auth", "authentication_error unauthenticated unauthorized invalid_token token_expired expired_token_exception"],
  ["auth", "forbidden permission_denied access_denied access_denied_exception unrecognized_client_exception"],
  ["session_expired", "session_expired"],
  ["model_not_found", "model_not_found not_found_error deployment_not_found invalid_model"],
  ["context_overflow", "context_length_exceeded context_window_exceeded"],
  ["format", "request_too_large"],
  ["timeout", "timeout_error request_timeout deadline_exceeded"],
  ["timeout", "ETIMEDOUT ESOCKETTIMEDOUT ECONNRESET ECONNABORTED ECONNREFUSED ENETUNREACH EHOSTUNREACH EHOSTDOWN"],
  ["timeout", "ENETRESET EPIPE EAI_AGAIN ENOTFOUND EPROTO"],
  ["timeout", "UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT UND_ERR_SOCKET"],
  // No connection was made. Their texts say "expired", and mean a certificate rather than a login.
  ["timeout", "CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["timeout", "SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
];

/** Codes of one vendor that mean something else there, or are mere numbers. */
const vendorCodes: Readonly<Record<string, CodeTable>> = {
  zai: [
    ["rate_limit", "1302 1303 1304 1308 1310"],
    ["overloaded", "1305"],
    ["billing", "1113"],
    ["auth_permanent", "1112 1121"],
    ["auth", "1000 1001 1002 1003 1004"],
    ["model_not_found", "1211"],
  ],
  // Alibaba's word for too many tokens in this minute. Nothing is unpaid.
  modelstudio: [["rate_limit", "insufficient_quota"]],
  "qwen-dashscope": [["rate_limit", "insufficient_quota"]],
};

/** Codes that say only whose fault it was. A text, where there is one, knows more. */
const vagueCodes: CodeTable = [
  ["format", "invalid_request_error invalid_argument validation_exception bad_request"],
  ["server", "api_error server_error internal internal_error internal_server_error unavailable service_unavailable"],
];

/** Limits of the account rather than of one model. */
const accountLimits: ReadonlySet<string> = new Set(["usagelimitreached", "1308", "1310"]);

const known = index(codes);
const knownVague = index(vagueCodes);
const knownOfVendor: ReadonlyMap<string, ReadonlyMap<string, Verdict>> = new Map(
  Object.entries(vendorCodes).map(([id, table]) => [id, index(table)] as const),
);

/** What the first code that says something says. */
export function judgeCode(found: readonly string[], provider: string | undefined): Verdict | undefined {
  const ofVendor = provider === undefined ? undefined : knownOfVendor.get(provider);
  return first(found, (code) => ofVendor?.get(code) ?? known.get(code));
}

/** What a code means that is asked last. */
export function judgeVagueCode(found: readonly string[]): Verdict | undefined {
  return first(found, (code) => knownVague.get(code));
}

function first(found: readonly string[], look: (code: string) => Verdict | undefined): Verdict | undefined {
  for (const code of found) {
    const verdict = look(plain(code));
    if (verdict) return verdict;
  }
  return undefined;
}

function index(table: CodeTable): ReadonlyMap<string, Verdict> {
  return new Map(
    table.flatMap(([name, list]) =>
      list.split(" ").map((code) => {
        const verdict: Verdict = { class: name, rule: `code-${code}` };
        return [plain(code), accountLimits.has(plain(code)) ? { ...verdict, scope: "credential" } : verdict] as const;
      }),
    ),
  );
}

/** `ThrottlingException`, `THROTTLING_EXCEPTION` and AWS's `com.amazon…#ThrottlingException` are one code. */
function plain(code: string): string {
  return code
    .slice(code.lastIndexOf("#") + 1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
}
