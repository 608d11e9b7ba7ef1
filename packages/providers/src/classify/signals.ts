import { all, any, LONGEST_BILLING_TEXT, matches, not, number, says, type TextTest } from "./words.ts";

/** What texts of errors say, one test per meaning. All take lower case. */

export const saysClaudeCodeOnly: TextTest = says("only authorized for use with claude code");

export const saysImageSize: TextTest = any(
  says("image dimensions exceed"),
  matches(/\bimage\b[^\n]{0,60}\b(?:exceeds? (?:the )?(?:max|\d)|is too large)/),
);

export const saysSessionExpired: TextTest = any(
  matches(/\b(?:session|conversation)(?: id)? (?:has expired|expired|not found|does not exist|(?:is )?invalid)\b/),
  says("session_expired", "no such session", "invalid session"),
);

export const saysModelNotFound: TextTest = any(
  says("unknown model", "model not found", "model_not_found", "not_found_error", "invalid model"),
  all(says("does not exist"), says("model")),
  matches(/\bmodels\/\S{1,120} is not found/),
  matches(/\bmodel\b[^\n]{0,60}\bdeactivated\b/),
  all(number("404"), says("not found")),
);

const saysTokensPerTime = any(matches(/\btpm\b/), says("tokens per minute", "tokens per day"));

/** A limit of tokens per minute also says "too large", and is a rate limit. */
export const saysContextOverflow: TextTest = all(
  any(
    says("context length", "maximum context", "context window", "context_length_exceeded", "context_window_exceeded", "context overflow"),
    says("prompt is too long", "prompt too long", "input token count exceeds", "input is too long"),
  ),
  not(saysTokensPerTime),
);

/** A plan's allowance, which is the account's and not one model's. */
export const saysUsageLimit: TextTest = any(
  says("usage limit", "usage_limit"),
  matches(/\b(?:daily|weekly|monthly)(?:\/(?:daily|weekly|monthly)){0,2}(?: \([^)\n]{1,20}\))? (?:usage |spend |spending )?limits?\b/),
);

export const saysPeriodicLimit: TextTest = all(matches(/\b(?:daily|weekly|monthly)\b/), saysUsageLimit);

export const saysInsufficientQuota: TextTest = says("insufficient_quota", "insufficient quota");

export const saysRateLimit: TextTest = any(
  says("rate limit", "rate_limit", "too many requests", "model_cooldown", "throttlingexception", "too many concurrent requests"),
  says("resource has been exhausted", "resource exhausted", "resource_exhausted", "quota exceeded", "quota_exceeded", "usage limit"),
  matches(/\bquotas?\b/),
  number("429"),
  saysTokensPerTime,
  matches(/\bconcurrency limit\b[^\n]{0,60}\breached\b/),
);

export const saysOverloaded: TextTest = any(
  says("overloaded", "high demand", "modelnotreadyexception"),
  all(says("service unavailable"), says("overload", "capacity")),
);

const says402 = any(matches(/\b(?:status|code|http|error)(?: code)?["']?\s{0,3}[:=]?\s{0,3}402\b/), says("payment required"));

const creditWords = says(
  "insufficient credits",
  "credit balance",
  "plans & billing",
  "insufficient balance",
  "insufficient usd or diem balance",
  "requires more credits",
);

export const saysBilling: TextTest = any(
  says402,
  all((text) => text.length <= LONGEST_BILLING_TEXT, any(creditWords, saysInsufficientQuota)),
);

/** A limit of a day, week or month. With billing words it is money that has run out, not time. */
export const saysPeriodicLimitUnpaid: TextTest = all(saysPeriodicLimit, saysBilling);

export const saysAuthPermanent: TextTest = any(
  matches(/api[_ ]?key[_ ]?(?:revoked|invalid|deactivated|deleted)/),
  says("invalid_api_key", "key has been disabled", "key has been revoked", "account has been deactivated"),
  matches(/could not (?:authenticate|validate)[^\n]{0,60}(?:api[_ ]?key|credentials)/),
  says("permission_error", "not allowed for this organization"),
);

export const saysAuth: TextTest = any(
  says("invalid api key", "incorrect api key", "api key not valid", "invalid token", "authentication", "re-authenticate"),
  says("oauth token refresh failed", "unauthorized", "forbidden", "access denied", "insufficient permission", "missing scope"),
  says("expired", "no credentials found", "no api key found"),
  number("401"),
  number("403"),
  matches(/failed to (?:extract|parse|validate|decode)[^\n]{0,60}token/),
);

export const saysServerError: TextTest = any(
  says("internal server error", "internal_error", "server_error", "an error occurred while processing"),
  says("service unavailable", "service_unavailable", "service temporarily unavailable", "bad gateway", "gateway timeout"),
  says("upstream error", "upstream connect error"),
);

export const saysFormat: TextTest = any(
  says("string should match pattern", "tool_use.id", "tool_use_id", "invalid request format"),
  matches(/tool call id was[^\n]{0,80}must be/),
);

export const saysTimeout: TextTest = any(
  says("timeout", "timed out", "deadline exceeded", "connection error", "network error", "network request failed", "fetch failed"),
  says("socket hang up", "without sending chunks", "econnreset", "econnaborted", "econnrefused", "enetunreach", "ehostunreach"),
  says("ehostdown", "enetreset", "epipe", "eai_again", "enotfound", "etimedout", "esockettimedout"),
  matches(/\breason:? ["']?(?:abort|error|malformed_response|network_error)\b/),
);
