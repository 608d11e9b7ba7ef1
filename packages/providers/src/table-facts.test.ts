import { keyVariables } from "@openclaw/key-rotation";
import { expect, test } from "vitest";
import type { ProviderSpec } from "./spec.ts";
import { providerSpecs } from "./specs/index.ts";
import { authProviderId, normalizeProviderId } from "./table.ts";

/** What vendors and documents say of one provider. Lists are separated by blanks. */
interface Facts {
  readonly env: string;
  readonly baseUrl: string | null;
  /** Further base URLs: name=URL. */
  readonly other?: string;
  readonly api: string;
  readonly auth: string;
  readonly kinds: string;
  readonly model: string | null;
  /** The variable that holds a list of its keys. The other rotation variables are named alike. */
  readonly keys: string;
  readonly aliases?: string;
}

/** Written out, so that no edit of a spec changes where a key is read from or sent to without being noticed. */
const facts: Readonly<Record<string, Facts>> = {
  anthropic: {
    env: "ANTHROPIC_OAUTH_TOKEN ANTHROPIC_API_KEY",
    baseUrl: "https://api.anthropic.com",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key token",
    model: "anthropic/claude-opus-4-6",
    keys: "ANTHROPIC_API_KEYS",
  },
  openai: {
    env: "OPENAI_API_KEY",
    baseUrl: "https://api.openai.com/v1",
    api: "openai-responses",
    auth: "bearer",
    kinds: "api_key",
    model: "openai/gpt-5.4",
    keys: "OPENAI_API_KEYS",
  },
  "openai-codex": {
    env: "",
    baseUrl: "https://chatgpt.com/backend-api",
    api: "openai-codex-responses",
    auth: "bearer",
    kinds: "oauth",
    model: "openai-codex/gpt-5.4",
    keys: "OPENAI_CODEX_API_KEYS",
  },
  google: {
    env: "GEMINI_API_KEY GOOGLE_API_KEY",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    api: "google-generative-ai",
    auth: "x-goog-api-key",
    kinds: "api_key",
    model: "google/gemini-3.1-pro-preview",
    keys: "GEMINI_API_KEYS",
  },
  "google-vertex": {
    env: "GOOGLE_CLOUD_API_KEY",
    baseUrl: "https://{location}-aiplatform.googleapis.com",
    api: "google-vertex",
    auth: "x-goog-api-key",
    kinds: "api_key adc",
    model: null,
    keys: "GEMINI_API_KEYS",
  },
  "google-gemini-cli": {
    env: "",
    baseUrl: "https://cloudcode-pa.googleapis.com",
    api: "google-gemini-cli",
    auth: "bearer",
    kinds: "oauth",
    model: "google-gemini-cli/gemini-3.1-pro-preview",
    keys: "GOOGLE_GEMINI_CLI_API_KEYS",
  },
  "github-copilot": {
    env: "COPILOT_GITHUB_TOKEN GH_TOKEN GITHUB_TOKEN",
    baseUrl: "https://api.individual.githubcopilot.com",
    api: "github-copilot",
    auth: "bearer",
    kinds: "token oauth",
    model: "github-copilot/gpt-4o",
    keys: "GITHUB_COPILOT_API_KEYS",
  },
  openrouter: {
    env: "OPENROUTER_API_KEY",
    baseUrl: "https://openrouter.ai/api/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "openrouter/auto",
    keys: "OPENROUTER_API_KEYS",
  },
  groq: {
    env: "GROQ_API_KEY",
    baseUrl: "https://api.groq.com/openai/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "GROQ_API_KEYS",
  },
  cerebras: {
    env: "CEREBRAS_API_KEY",
    baseUrl: "https://api.cerebras.ai/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "CEREBRAS_API_KEYS",
  },
  xai: {
    env: "XAI_API_KEY",
    baseUrl: "https://api.x.ai/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "xai/grok-4",
    keys: "XAI_API_KEYS",
  },
  zai: {
    env: "ZAI_API_KEY Z_AI_API_KEY",
    baseUrl: "https://api.z.ai/api/paas/v4",
    other:
      "coding-global=https://api.z.ai/api/coding/paas/v4 coding-cn=https://open.bigmodel.cn/api/coding/paas/v4 cn=https://open.bigmodel.cn/api/paas/v4",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "zai/glm-5",
    keys: "ZAI_API_KEYS",
    aliases: "z.ai z-ai",
  },
  mistral: {
    env: "MISTRAL_API_KEY",
    baseUrl: "https://api.mistral.ai/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "mistral/mistral-large-latest",
    keys: "MISTRAL_API_KEYS",
  },
  synthetic: {
    env: "SYNTHETIC_API_KEY",
    baseUrl: "https://api.synthetic.new/anthropic",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key",
    model: "synthetic/hf:MiniMaxAI/MiniMax-M2.5",
    keys: "SYNTHETIC_API_KEYS",
  },
  together: {
    env: "TOGETHER_API_KEY",
    baseUrl: "https://api.together.xyz/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "together/moonshotai/Kimi-K2.5",
    keys: "TOGETHER_API_KEYS",
  },
  minimax: {
    env: "MINIMAX_API_KEY",
    baseUrl: "https://api.minimax.io/anthropic",
    other: "cn=https://api.minimaxi.com/anthropic",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key",
    model: "minimax/MiniMax-M2.7",
    keys: "MINIMAX_API_KEYS",
  },
  "minimax-portal": {
    env: "MINIMAX_OAUTH_TOKEN MINIMAX_API_KEY",
    baseUrl: "https://api.minimax.io/anthropic",
    api: "anthropic-messages",
    auth: "bearer",
    kinds: "oauth",
    model: "minimax-portal/MiniMax-M2.7",
    keys: "MINIMAX_PORTAL_API_KEYS",
  },
  "minimax-cn": {
    env: "MINIMAX_API_KEY",
    baseUrl: "https://api.minimaxi.com/anthropic",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key",
    model: null,
    keys: "MINIMAX_CN_API_KEYS",
  },
  moonshot: {
    env: "MOONSHOT_API_KEY",
    baseUrl: "https://api.moonshot.ai/v1",
    other: "cn=https://api.moonshot.cn/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "moonshot/kimi-k2.5",
    keys: "MOONSHOT_API_KEYS",
  },
  kimi: {
    env: "KIMI_API_KEY KIMICODE_API_KEY",
    baseUrl: "https://api.kimi.com/coding/",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key",
    model: "kimi/kimi-code",
    keys: "KIMI_API_KEYS",
    aliases: "kimi-code kimi-coding",
  },
  deepseek: {
    env: "DEEPSEEK_API_KEY",
    baseUrl: "https://api.deepseek.com",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "deepseek/deepseek-chat",
    keys: "DEEPSEEK_API_KEYS",
  },
  volcengine: {
    env: "VOLCANO_ENGINE_API_KEY",
    baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
    other: "volcengine-plan=https://ark.cn-beijing.volces.com/api/coding/v3",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "volcengine-plan/ark-code-latest",
    keys: "VOLCENGINE_API_KEYS",
    aliases: "bytedance doubao",
  },
  byteplus: {
    env: "BYTEPLUS_API_KEY",
    baseUrl: "https://ark.ap-southeast.bytepluses.com/api/v3",
    other: "byteplus-plan=https://ark.ap-southeast.bytepluses.com/api/coding/v3",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "byteplus-plan/ark-code-latest",
    keys: "BYTEPLUS_API_KEYS",
  },
  modelstudio: {
    env: "MODELSTUDIO_API_KEY",
    baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
    other:
      "coding-cn=https://coding.dashscope.aliyuncs.com/v1 standard-cn=https://dashscope.aliyuncs.com/compatible-mode/v1 standard=https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "modelstudio/qwen3.5-plus",
    keys: "MODELSTUDIO_API_KEYS",
  },
  "qwen-dashscope": {
    env: "DASHSCOPE_API_KEY",
    baseUrl: null,
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "QWEN_DASHSCOPE_API_KEYS",
  },
  "qwen-portal": {
    env: "",
    baseUrl: "https://portal.qwen.ai/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "oauth",
    model: null,
    keys: "QWEN_PORTAL_API_KEYS",
  },
  qianfan: {
    env: "QIANFAN_API_KEY",
    baseUrl: "https://qianfan.baidubce.com/v2",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "qianfan/deepseek-v3.2",
    keys: "QIANFAN_API_KEYS",
  },
  xiaomi: {
    env: "XIAOMI_API_KEY",
    baseUrl: "https://api.xiaomimimo.com/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "xiaomi/mimo-v2-flash",
    keys: "XIAOMI_API_KEYS",
  },
  nvidia: {
    env: "NVIDIA_API_KEY",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "nvidia/nvidia/llama-3.1-nemotron-70b-instruct",
    keys: "NVIDIA_API_KEYS",
  },
  venice: {
    env: "VENICE_API_KEY",
    baseUrl: "https://api.venice.ai/api/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "venice/kimi-k2-5",
    keys: "VENICE_API_KEYS",
  },
  huggingface: {
    env: "HUGGINGFACE_HUB_TOKEN HF_TOKEN",
    baseUrl: "https://router.huggingface.co/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "huggingface/deepseek-ai/DeepSeek-R1",
    keys: "HUGGINGFACE_API_KEYS",
  },
  "vercel-ai-gateway": {
    env: "AI_GATEWAY_API_KEY",
    baseUrl: "https://ai-gateway.vercel.sh",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key",
    model: "vercel-ai-gateway/anthropic/claude-opus-4.6",
    keys: "VERCEL_AI_GATEWAY_API_KEYS",
  },
  "cloudflare-ai-gateway": {
    env: "CLOUDFLARE_AI_GATEWAY_API_KEY",
    baseUrl: "https://gateway.ai.cloudflare.com/v1/{accountId}/{gatewayId}/anthropic",
    api: "anthropic-messages",
    auth: "x-api-key",
    kinds: "api_key",
    model: "cloudflare-ai-gateway/claude-sonnet-4-5",
    keys: "CLOUDFLARE_AI_GATEWAY_API_KEYS",
  },
  kilocode: {
    env: "KILOCODE_API_KEY",
    baseUrl: "https://api.kilo.ai/api/gateway/",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "kilocode/kilo/auto",
    keys: "KILOCODE_API_KEYS",
  },
  opencode: {
    env: "OPENCODE_API_KEY OPENCODE_ZEN_API_KEY",
    baseUrl: "https://opencode.ai/zen/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "opencode/claude-opus-4-6",
    keys: "OPENCODE_API_KEYS",
    aliases: "opencode-zen",
  },
  "opencode-go": {
    env: "OPENCODE_API_KEY OPENCODE_ZEN_API_KEY",
    baseUrl: "https://opencode.ai/zen/go/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "opencode-go/kimi-k2.5",
    keys: "OPENCODE_GO_API_KEYS",
    aliases: "opencode-go-auth",
  },
  litellm: {
    env: "LITELLM_API_KEY",
    baseUrl: "http://localhost:4000",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "litellm/claude-opus-4-6",
    keys: "LITELLM_API_KEYS",
  },
  chutes: {
    env: "CHUTES_API_KEY CHUTES_OAUTH_TOKEN",
    baseUrl: "https://llm.chutes.ai/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key oauth",
    model: "chutes/zai-org/GLM-4.7-TEE",
    keys: "CHUTES_API_KEYS",
  },
  "microsoft-foundry": {
    env: "AZURE_OPENAI_API_KEY",
    baseUrl: null,
    api: "openai-responses",
    auth: "api-key",
    kinds: "api_key",
    model: null,
    keys: "MICROSOFT_FOUNDRY_API_KEYS",
  },
  "amazon-bedrock": {
    env: "AWS_BEARER_TOKEN_BEDROCK",
    baseUrl: "https://bedrock-runtime.us-east-1.amazonaws.com",
    api: "bedrock-converse-stream",
    auth: "aws-sigv4",
    kinds: "aws-sdk",
    model: null,
    keys: "AMAZON_BEDROCK_API_KEYS",
    aliases: "bedrock aws-bedrock",
  },
  "anthropic-vertex": {
    env: "",
    baseUrl: null,
    api: "anthropic-messages",
    auth: "bearer",
    kinds: "adc",
    model: null,
    keys: "ANTHROPIC_VERTEX_API_KEYS",
  },
  ollama: {
    env: "OLLAMA_API_KEY",
    baseUrl: "http://127.0.0.1:11434",
    api: "ollama",
    auth: "bearer",
    kinds: "api_key",
    model: "ollama/glm-4.7-flash",
    keys: "OLLAMA_API_KEYS",
  },
  vllm: {
    env: "VLLM_API_KEY",
    baseUrl: "http://127.0.0.1:8000/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "VLLM_API_KEYS",
  },
  sglang: {
    env: "SGLANG_API_KEY",
    baseUrl: "http://127.0.0.1:30000/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "SGLANG_API_KEYS",
  },
  "copilot-proxy": {
    env: "",
    baseUrl: "http://localhost:3000/v1",
    api: "openai-completions",
    auth: "bearer",
    kinds: "token",
    model: null,
    keys: "COPILOT_PROXY_API_KEYS",
  },
  voyage: {
    env: "VOYAGE_API_KEY",
    baseUrl: "https://api.voyageai.com/v1",
    api: "embeddings",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "VOYAGE_API_KEYS",
  },
  deepgram: {
    env: "DEEPGRAM_API_KEY",
    baseUrl: "https://api.deepgram.com/v1",
    api: "audio",
    auth: "token",
    kinds: "api_key",
    model: null,
    keys: "DEEPGRAM_API_KEYS",
  },
  fal: { env: "FAL_KEY", baseUrl: "https://fal.run", api: "image", auth: "key", kinds: "api_key", model: null, keys: "FAL_API_KEYS" },
  perplexity: {
    env: "PERPLEXITY_API_KEY",
    baseUrl: "https://api.perplexity.ai",
    api: "search",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "PERPLEXITY_API_KEYS",
  },
  brave: {
    env: "BRAVE_API_KEY",
    baseUrl: "https://api.search.brave.com",
    api: "search",
    auth: "x-subscription-token",
    kinds: "api_key",
    model: null,
    keys: "BRAVE_API_KEYS",
  },
  exa: {
    env: "EXA_API_KEY",
    baseUrl: "https://api.exa.ai",
    api: "search",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "EXA_API_KEYS",
  },
  tavily: {
    env: "TAVILY_API_KEY",
    baseUrl: "https://api.tavily.com",
    api: "search",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "TAVILY_API_KEYS",
  },
  firecrawl: {
    env: "FIRECRAWL_API_KEY",
    baseUrl: "https://api.firecrawl.dev",
    api: "fetch",
    auth: "bearer",
    kinds: "api_key",
    model: null,
    keys: "FIRECRAWL_API_KEYS",
  },
  sandbox: {
    env: "SANDBOX_API_KEY",
    baseUrl: null,
    api: "openai-completions",
    auth: "bearer",
    kinds: "api_key",
    model: "sandbox/demo",
    keys: "SANDBOX_API_KEYS",
  },
};

function factsOf(spec: ProviderSpec): Facts {
  const other = Object.entries(spec.otherBaseUrls ?? {}).map(([name, url]) => `${name}=${url}`);
  return {
    env: spec.env.join(" "),
    baseUrl: spec.baseUrl ?? null,
    ...(other.length > 0 && { other: other.join(" ") }),
    api: spec.api,
    auth: spec.auth,
    kinds: spec.authKinds.join(" "),
    model: spec.defaultModel ?? null,
    keys: keyVariables(authProviderId(spec.id)).list,
    ...(spec.aliases && { aliases: spec.aliases.join(" ") }),
  };
}

test("the facts of every provider are these", () => {
  expect(Object.fromEntries(providerSpecs.map((spec) => [spec.id, factsOf(spec)]))).toEqual(facts);
});

test("no spelling means two providers", () => {
  const spellings = Object.entries(facts).flatMap(([id, { aliases }]) => [id, ...(aliases?.split(" ") ?? [])]);
  expect(new Set(spellings).size).toBe(spellings.length);
  expect(spellings.filter((spelling) => normalizeProviderId(spelling) !== normalizeProviderId(spelling.toUpperCase()))).toEqual([]);
});

test("the rotation variables of a provider are named after it, and Google's two share those of Gemini", () => {
  expect(keyVariables("vercel-ai-gateway")).toEqual({
    live: "OPENCLAW_LIVE_VERCEL_AI_GATEWAY_KEY",
    list: "VERCEL_AI_GATEWAY_API_KEYS",
    primary: "VERCEL_AI_GATEWAY_API_KEY",
    prefix: "VERCEL_AI_GATEWAY_API_KEY_",
    fallback: [],
  });
  const gemini = { live: "OPENCLAW_LIVE_GEMINI_KEY", list: "GEMINI_API_KEYS", primary: "GEMINI_API_KEY", prefix: "GEMINI_API_KEY_" };
  for (const id of ["google", "google-vertex"]) expect(keyVariables(id)).toEqual({ ...gemini, fallback: ["GOOGLE_API_KEY"] });
  const others = Object.entries(facts).filter(([id]) => !id.startsWith("google"));
  for (const [id, { keys }] of others) {
    const prefix = keys.replace(/_API_KEYS$/u, "");
    expect({ id, ...keyVariables(id) }).toEqual({
      id,
      live: `OPENCLAW_LIVE_${prefix}_KEY`,
      list: keys,
      primary: `${prefix}_API_KEY`,
      prefix: `${prefix}_API_KEY_`,
      fallback: [],
    });
  }
});

test("the quirks of providers are these", () => {
  const having = (field: keyof ProviderSpec) =>
    providerSpecs.filter((spec) => spec[field] !== undefined).map((spec) => [spec.id, spec[field]]);
  expect(having("headers").map(([id, headers]) => [id, JSON.stringify(headers)])).toEqual(
    ["anthropic", "synthetic", "minimax", "minimax-portal", "minimax-cn", "kimi", "vercel-ai-gateway", "cloudflare-ai-gateway"].map(
      (id) => [id, '{"anthropic-version":"2023-06-01"}'],
    ),
  );
  expect(having("subscriptionPrefixes")).toEqual([["anthropic", ["sk-ant-oat"]]]);
  expect(having("bearerHeaders")).toEqual([["anthropic", { "anthropic-beta": "oauth-2025-04-20" }]]);
  expect(having("attributeHeaders")).toEqual([["openai-codex", { accountId: "chatgpt-account-id" }]]);
  expect(having("maxTokensField").map(([id]) => id)).toEqual(["openai", "microsoft-foundry"]);
  expect(having("hidesErrors").map(([id]) => id)).toEqual(["minimax", "minimax-portal", "minimax-cn"]);
  expect(having("modelApis").map(([id]) => id)).toEqual(["opencode", "opencode-go"]);
  expect(having("isLocal").map(([id]) => id)).toEqual(["ollama", "vllm", "sglang", "copilot-proxy", "sandbox"]);
});

test("what is no chat model has a request to be tried out with, or is known to have none", () => {
  const services = providerSpecs.filter(({ api }) => ["embeddings", "audio", "image", "search", "fetch"].includes(api));
  expect(services.map(({ id, probe }) => `${id}: ${probe ? `${probe.method} ${probe.path}` : "none"}`)).toEqual([
    "voyage: POST embeddings",
    "deepgram: GET auth/token",
    "fal: none",
    "perplexity: GET v1/async/sonar",
    "brave: GET res/v1/web/search?q=hi&count=1",
    "exa: POST search",
    "tavily: GET usage",
    "firecrawl: GET v1/team/credit-usage",
  ]);
  expect(providerSpecs.filter(({ probe }) => probe !== undefined).every((spec) => services.includes(spec))).toBe(true);
});
