/** A kind of place in `openclaw.json` that may hold a secret or a reference to one. */
export interface SurfaceKind {
  /** `models.providers.*.apiKey`: `*` stands for any key, `[]` for any element of a list. */
  readonly id: string;
  readonly segments: readonly string[];
  /** Whether model requests or the gateway itself use it. The others belong to other parts of OpenClaw. */
  readonly isOurs: boolean;
  /** Whether its reference stands beside the value, as `serviceAccountRef`, because the value may be an object itself. */
  readonly hasRefBeside: boolean;
}

const voice = ["voice.tts.elevenlabs.apiKey", "voice.tts.openai.apiKey"];

/** What each channel keeps secret, at its top and once per account. */
const channels: Readonly<Record<string, readonly string[]>> = {
  telegram: ["botToken", "webhookSecret"],
  slack: ["botToken", "appToken", "userToken", "signingSecret"],
  discord: ["token", "pluralkit.token", ...voice],
  irc: ["password", "nickserv.password"],
  bluebubbles: ["password"],
  feishu: ["appSecret", "verificationToken", "encryptKey"],
  mattermost: ["botToken"],
  matrix: ["password"],
  "nextcloud-talk": ["botSecret", "apiPassword"],
  zalo: ["botToken", "webhookSecret"],
  googlechat: ["serviceAccount"],
};

const ours = [
  "models.providers.*.apiKey",
  "models.providers.*.headers.*",
  "models.providers.*.oauth.clientSecret",
  "gateway.auth.token",
  "gateway.clients.*.token",
  "gateway.auth.password",
  "gateway.remote.token",
  "gateway.remote.password",
];

const others = [
  "skills.entries.*.apiKey",
  "agents.defaults.memorySearch.remote.apiKey",
  "agents.list[].memorySearch.remote.apiKey",
  "talk.apiKey",
  "talk.providers.*.apiKey",
  "messages.tts.elevenlabs.apiKey",
  "messages.tts.openai.apiKey",
  "messages.tts.providers.*.apiKey",
  "tools.web.search.apiKey",
  "tools.web.search.gemini.apiKey",
  "tools.web.search.grok.apiKey",
  "tools.web.search.kimi.apiKey",
  "tools.web.search.perplexity.apiKey",
  "tools.web.fetch.firecrawl.apiKey",
  "plugins.entries.*.config.webSearch.apiKey",
  "plugins.entries.*.config.webFetch.apiKey",
  "cron.webhookToken",
  "channels.msteams.appPassword",
  ...Object.entries(channels).flatMap(([channel, fields]) =>
    fields.flatMap((field) => [`channels.${channel}.${field}`, `channels.${channel}.accounts.*.${field}`]),
  ),
];

const kindOf =
  (isOurs: boolean) =>
  (id: string): SurfaceKind =>
    Object.freeze({
      id,
      segments: Object.freeze(id.replaceAll("[]", ".[]").split(".")),
      isOurs,
      hasRefBeside: id.endsWith(".serviceAccount"),
    });

/**
 * The places of `openclaw.json` that may hold a secret: OpenClaw's "SecretRef credential surface", plus the
 * client secret of a provider's own login and the tokens of the gateway's clients.
 */
export const surfaceKinds: readonly SurfaceKind[] = Object.freeze([...ours.map(kindOf(true)), ...others.map(kindOf(false))]);

/** The kind of the place with these segments; elements of lists are named by their index. */
export function findSurfaceKind(segments: readonly string[]): SurfaceKind | undefined {
  return surfaceKinds.find(
    (kind) => kind.segments.length === segments.length && kind.segments.every((pattern, index) => matches(pattern, segments[index] ?? "")),
  );
}

function matches(pattern: string, segment: string): boolean {
  if (pattern === "*") return segment !== "";
  return pattern === "[]" ? /^(?:0|[1-9]\d*)$/u.test(segment) : pattern === segment;
}
