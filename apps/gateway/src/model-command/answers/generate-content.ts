import type { AnswerWriter, OwnAnswer } from "./answer.ts";

/** As Google's Gemini answers: a stream is the same document in one piece. */
export const generateContent: AnswerWriter = {
  whole: documentOf,
  events: (answer) => [{ data: documentOf(answer) }],
};

function documentOf({ text, id, model }: OwnAnswer): object {
  return {
    candidates: [{ content: { parts: [{ text }], role: "model" }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 },
    modelVersion: model,
    responseId: id,
  };
}
