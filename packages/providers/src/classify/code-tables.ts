import type { FailureClass, FailureScope } from "@openclaw/key-rotation";

/** A class, the codes that mean it, and what they speak of where that is not what the class implies. */
export type CodeTable = readonly (readonly [failureClass: FailureClass, codes: string, scope?: FailureScope])[];

/** Codes that say what happened, in whatever field a vendor writes them. Spelling and case do not matter. */
export const codes: CodeTable = [
  [
    "rate_limit",
    "rate_limit rate_limited rate_limit_exceeded rate_limit_reached rate_limit_reached_error too_many_requests model_cooldown",
  ],
  ["rate_limit", "quota_exceeded quota_exhausted service_quota_exceeded_exception"],
  ["rate_limit", "throttled throttling throttling_error throttling_exception"],
  // Alibaba says which limit: Throttling.RateQuota.
  ["rate_limit", "throttling_rate_quota throttling_burst_rate throttling_allocation_quota"],
  // GitHub Copilot's, which adds the plan: user_global_rate_limited:pro.
  ["rate_limit", "user_model_rate_limited integration_rate_limited agent_mode_limit_exceeded upstream_provider_rate_limit"],
  ["rate_limit", "usage_limit_reached user_global_rate_limited user_weekly_rate_limited", "credential"],
  ["overloaded", "overloaded overloaded_error engine_overloaded engine_overloaded_error server_is_overloaded slow_down model_overloaded"],
  ["overloaded", "model_not_ready_exception capacity_exceeded model_capacity_exhausted service_tier_capacity_exceeded"],
  ["billing", "insufficient_quota insufficient_balance insufficient_balance_error insufficient_credits payment_required billing_error"],
  ["billing", "billing_hard_limit_reached billing_not_active arrearage exceeded_current_quota_error insufficient_user_quota"],
  ["billing", "budget_exceeded personal_team_blocked blocked_api_access usage_not_included"],
  ["auth_permanent", "invalid_api_key api_key_invalid api_key_revoked api_key_deactivated api_key_deleted"],
  ["auth_permanent", "account_deactivated deactivated_workspace organization_restricted consumer_suspended authentication_type_disabled"],
  ["auth", "unsupported_country_region_territory", "provider"],
  ["auth", "invalid_token token_expired token_invalidated expired_token_exception service_disabled"],
  ["session_expired", "session_expired"],
  ["model_not_found", "model_not_found deployment_not_found invalid_model unknown_model model_not_available model_not_supported"],
  ["model_not_found", "model_decommissioned model_permission_blocked_org model_permission_blocked_project"],
  ["context_overflow", "context_length_exceeded context_window_exceeded model_max_prompt_tokens_exceeded"],
  ["format", "request_too_large unknown_parameter unsupported_parameter missing_required_parameter invalid_image_url"],
  ["format", "content_filter content_policy_violation data_inspection_failed"],
  ["timeout", "timeout_error request_timeout deadline_exceeded model_timeout_exception"],
  ["timeout", "ETIMEDOUT ESOCKETTIMEDOUT ECONNRESET ECONNABORTED ECONNREFUSED ENETUNREACH EHOSTUNREACH EHOSTDOWN"],
  ["timeout", "ENETRESET EPIPE EAI_AGAIN ENOTFOUND EPROTO"],
  ["timeout", "UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT UND_ERR_SOCKET"],
  // No connection was made. Their texts say "expired", and mean a certificate rather than a login.
  ["timeout", "CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["timeout", "SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
];

/** Codes that name a kind of error. Where the same body has a code of the first table, that one knows more. */
export const generalCodes: CodeTable = [
  ["rate_limit", "rate_limit_error resource_exhausted"],
  ["auth_permanent", "permission_error"],
  ["auth", "authentication_error invalid_authentication_error unauthenticated unauthorized permission_denied permission_denied_error"],
  ["auth", "forbidden access_denied access_denied_exception access_terminated_error unrecognized_client_exception"],
  ["model_not_found", "not_found_error"],
];

/** Codes that say only whose fault it was. A text, where there is one, knows more. */
export const vagueCodes: CodeTable = [
  ["format", "invalid_request_error invalid_argument validation_exception bad_request"],
  ["server", "api_error server_error internal internal_error internal_server_error unavailable service_unavailable"],
  ["server", "service_unavailable_error service_unavailable_exception internal_server_exception internal_failure"],
  ["server", "model_error_exception model_stream_error_exception"],
];

const minimax: CodeTable = [
  ["timeout", "1001"],
  ["rate_limit", "1002 1039 1041 2045"],
  ["rate_limit", "2056", "credential"],
  ["auth", "1004"],
  ["auth_permanent", "2049"],
  ["billing", "1008"],
  ["server", "1000 1024 1033"],
  ["overloaded", "2064"],
  ["format", "1026 1027 1042"],
];

const alibaba: CodeTable = [
  // Its word for too many tokens in this minute. Nothing is unpaid.
  ["rate_limit", "insufficient_quota"],
  // The free allowance of one model is used up, and the account wants no other.
  ["billing", "allocation_quota_free_tier_only", "model"],
];

/** Numbers of one vendor that say only whose fault it was. */
export const vagueVendorCodes: Readonly<Record<string, CodeTable>> = {
  minimax: [["format", "2013"]],
  "minimax-cn": [["format", "2013"]],
  "minimax-portal": [["format", "2013"]],
};

/** Codes of one vendor that mean something else there, or are mere numbers. */
export const vendorCodes: Readonly<Record<string, CodeTable>> = {
  zai: [
    ["rate_limit", "1302 1303 1304"],
    ["rate_limit", "1308 1310 1313", "credential"],
    ["overloaded", "1305 1312"],
    ["billing", "1113 1309"],
    ["auth_permanent", "1110 1111 1112 1121"],
    ["auth", "1000 1001 1002 1003 1004"],
    ["model_not_found", "1211 1311"],
    ["context_overflow", "1261"],
    ["format", "1210 1213 1214 1215 1301"],
    ["server", "1120 1230 1234"],
  ],
  minimax,
  "minimax-cn": minimax,
  "minimax-portal": minimax,
  modelstudio: alibaba,
  "qwen-dashscope": alibaba,
  "amazon-bedrock": [["model_not_found", "resource_not_found_exception"]],
};
