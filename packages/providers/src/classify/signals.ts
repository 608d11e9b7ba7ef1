import { all, any, LONGEST_BILLING_TEXT, matches, not, number, says, word, type TextTest } from "./words.ts";

/** What texts of errors say, one test per meaning. All take lower case. */

export const saysClaudeCodeOnly: TextTest = says("only authorized for use with claude code");

/** Whoever asks from here is refused, with any credential. */
export const saysPlaceRefused: TextTest = says(
  "country, region, or territory not supported",
  "user location is not supported",
  "virtual network/firewall rules",
  "virtual network is configured",
);

export const saysImageSize: TextTest = any(
  says("image dimensions exceed"),
  matches(/\bimage\b[^\n]{0,60}\b(?:exceeds? (?:the )?(?:max|\d)|is too large)/),
);

export const saysSessionExpired: TextTest = any(
  matches(/\b(?:session|conversation)(?: id)? (?:has expired|expired|not found|does not exist|(?:is )?invalid)\b/),
  matches(/\b(?:session_expired|no such session|invalid session)\b/),
);

const saysModelMissing: TextTest = any(
  says("unknown model", "model not found", "model_not_found", "invalid model", "model not exist"),
  says("not found the model", "no endpoints found", "not a valid model id", "model identifier is invalid"),
  matches(/\bmodel\b[^\n]{0,120}\b(?:does not exist|(?:was|is) not found)/),
  matches(/\bmodels\/\S{1,120} is not found/),
  matches(/\bmodel\b[^\n]{0,60}\bdeactivated\b/),
  // What a plan or an account does not have: "The requested model is not supported".
  matches(/\bmodel is not supported\b/),
  matches(/\bmodel\b[^\n]{0,80}\breached (?:its|the) end of (?:its )?life\b/),
  matches(/\bwith on-demand throughput isn.t supported\b/),
);

/** Something else than a model is missing. */
export const saysOtherMissing: TextTest = all(
  matches(
    /\b(?:item|response|file|thread|run|assistant|batch|upload|container|vector store|project|organization|route|resource|endpoint|tool)s?\b[^\n]{0,120}\bnot found\b/,
  ),
  not(saysModelMissing),
);

export const saysModelNotFound: TextTest = any(saysModelMissing, says("not_found_error"), all(number("404"), says("not found")));

const saysTokensPerTime = any(matches(/\btpm\b/), says("tokens per minute", "tokens per day"));

/** A limit of tokens per minute also says "too large", and is a rate limit. */
export const saysContextOverflow: TextTest = all(
  any(
    says("context length", "maximum context", "context window", "context_length_exceeded", "context_window_exceeded", "context overflow"),
    says("prompt is too long", "prompt too long", "input is too long", "maximum prompt length", "exceed context limit"),
    says("exceeded model token limit", "reduce the length of the messages"),
    matches(/\b(?:input|prompt) token count\b[^\n]{0,40}\bexceeds\b/),
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
  word("quotas?"),
  number("429"),
  saysTokensPerTime,
  matches(/\bconcurrency limit\b[^\n]{0,60}\breached\b/),
);

export const saysOverloaded: TextTest = any(
  word("overloaded(?:_error)?"),
  says(
    "high demand",
    "modelnotreadyexception",
    "over capacity",
    "at capacity",
    "no capacity available",
    "capacity exceeded",
    "is too busy",
  ),
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
  says("organization has been disabled", "organization has been restricted"),
  matches(/could not (?:authenticate|validate)[^\n]{0,60}(?:api[_ ]?key|credentials)/),
  says("permission_error", "not allowed for this organization"),
);

export const saysAuth: TextTest = any(
  says("invalid api key", "incorrect api key", "api key not valid", "invalid token", "re-authenticate"),
  says("oauth token refresh failed", "unauthorized", "access denied", "insufficient permission", "missing scope"),
  says("no credentials found", "no api key found"),
  word("authentication", "forbidden"),
  matches(/\b(?:token|key|login|credentials?|session|access|authorization|jwt)s?\b[^\n]{0,40}\bexpired\b/),
  matches(/\bexpired\b[^\n]{0,20}\b(?:token|key|login|credentials?|jwt)s?\b/),
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
  word("timeout", "timed out", "deadline exceeded"),
  says("connection error", "network error", "network request failed", "fetch failed"),
  says("socket hang up", "without sending chunks", "econnreset", "econnaborted", "econnrefused", "enetunreach", "ehostunreach"),
  says("ehostdown", "enetreset", "epipe", "eai_again", "enotfound", "etimedout", "esockettimedout"),
  matches(/\breason:? ["']?(?:abort|error|malformed_response|network_error)\b/),
);
