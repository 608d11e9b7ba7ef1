import anthropic from "../../corpus/anthropic.json" with { type: "json" };
import azure from "../../corpus/azure.json" with { type: "json" };
import bedrock from "../../corpus/bedrock.json" with { type: "json" };
import copilot from "../../corpus/copilot.json" with { type: "json" };
import deepseek from "../../corpus/deepseek.json" with { type: "json" };
import gateways from "../../corpus/gateways.json" with { type: "json" };
import google from "../../corpus/google.json" with { type: "json" };
import groq from "../../corpus/groq.json" with { type: "json" };
import minimax from "../../corpus/minimax.json" with { type: "json" };
import mistral from "../../corpus/mistral.json" with { type: "json" };
import moonshot from "../../corpus/moonshot.json" with { type: "json" };
import nearMisses from "../../corpus/near-misses.json" with { type: "json" };
import openai from "../../corpus/openai.json" with { type: "json" };
import openrouter from "../../corpus/openrouter.json" with { type: "json" };
import together from "../../corpus/together.json" with { type: "json" };
import xai from "../../corpus/xai.json" with { type: "json" };
import zai from "../../corpus/zai.json" with { type: "json" };
import { readCorpusFile, type CorpusCase } from "./corpus-case.ts";

const files: readonly unknown[] = [
  anthropic,
  azure,
  bedrock,
  copilot,
  deepseek,
  gateways,
  google,
  groq,
  minimax,
  mistral,
  moonshot,
  nearMisses,
  openai,
  openrouter,
  together,
  xai,
  zai,
];

/** Answers of providers as they are really sent, with what each means, and near misses that mean something else. */
export const failureCorpus: readonly CorpusCase[] = files.flatMap((file) => readCorpusFile(file));
