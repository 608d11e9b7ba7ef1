import type { ProviderSpec } from "../spec.ts";
import { amazonBedrock } from "./amazon-bedrock.ts";
import { anthropic } from "./anthropic.ts";
import { anthropicVertex } from "./anthropic-vertex.ts";
import { brave } from "./brave.ts";
import { byteplus } from "./byteplus.ts";
import { cerebras } from "./cerebras.ts";
import { chutes } from "./chutes.ts";
import { cloudflareAiGateway } from "./cloudflare-ai-gateway.ts";
import { copilotProxy } from "./copilot-proxy.ts";
import { deepgram } from "./deepgram.ts";
import { deepseek } from "./deepseek.ts";
import { exa } from "./exa.ts";
import { fal } from "./fal.ts";
import { firecrawl } from "./firecrawl.ts";
import { githubCopilot } from "./github-copilot.ts";
import { google } from "./google.ts";
import { googleGeminiCli } from "./google-gemini-cli.ts";
import { googleVertex } from "./google-vertex.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { kilocode } from "./kilocode.ts";
import { kimi } from "./kimi.ts";
import { litellm } from "./litellm.ts";
import { microsoftFoundry } from "./microsoft-foundry.ts";
import { minimax } from "./minimax.ts";
import { minimaxCn } from "./minimax-cn.ts";
import { minimaxPortal } from "./minimax-portal.ts";
import { mistral } from "./mistral.ts";
import { modelstudio } from "./modelstudio.ts";
import { moonshot } from "./moonshot.ts";
import { nvidia } from "./nvidia.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openaiCodex } from "./openai-codex.ts";
import { opencode } from "./opencode.ts";
import { opencodeGo } from "./opencode-go.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import { qianfan } from "./qianfan.ts";
import { qwenDashscope } from "./qwen-dashscope.ts";
import { qwenPortal } from "./qwen-portal.ts";
import { sandbox } from "./sandbox.ts";
import { sglang } from "./sglang.ts";
import { synthetic } from "./synthetic.ts";
import { tavily } from "./tavily.ts";
import { together } from "./together.ts";
import { venice } from "./venice.ts";
import { vercelAiGateway } from "./vercel-ai-gateway.ts";
import { vllm } from "./vllm.ts";
import { volcengine } from "./volcengine.ts";
import { voyage } from "./voyage.ts";
import { xai } from "./xai.ts";
import { xiaomi } from "./xiaomi.ts";
import { zai } from "./zai.ts";

/**
 * Every provider that is known by name. The order is that of the documents.
 *
 * A new one is a file of data beside this one, with its import and its place in this list; `table-facts.test.ts` then asks
 * for its facts once more. Its aliases, rotation variables, rows of `models status`, requests and probes follow from them.
 */
export const providerSpecs: readonly ProviderSpec[] = [
  anthropic,
  openai,
  openaiCodex,
  google,
  googleVertex,
  googleGeminiCli,
  githubCopilot,
  openrouter,
  groq,
  cerebras,
  xai,
  zai,
  mistral,
  synthetic,
  together,
  minimax,
  minimaxPortal,
  minimaxCn,
  moonshot,
  kimi,
  deepseek,
  volcengine,
  byteplus,
  modelstudio,
  qwenDashscope,
  qwenPortal,
  qianfan,
  xiaomi,
  nvidia,
  venice,
  huggingface,
  vercelAiGateway,
  cloudflareAiGateway,
  kilocode,
  opencode,
  opencodeGo,
  litellm,
  chutes,
  microsoftFoundry,
  amazonBedrock,
  anthropicVertex,
  ollama,
  vllm,
  sglang,
  copilotProxy,
  voyage,
  deepgram,
  fal,
  perplexity,
  brave,
  exa,
  tavily,
  firecrawl,
  sandbox,
];
