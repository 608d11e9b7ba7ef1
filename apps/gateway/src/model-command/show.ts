import { modelName } from "@openclaw/home";
import type { Asked } from "./asked.ts";
import { choicesOf, labelOf } from "./choices.ts";
import { currentLines, currentOf } from "./current.ts";

/** Models in one list. */
const MOST_LISTED = 100;

/** Answers `/model`. */
export function show(asked: Asked): string {
  return [
    ...currentLines(asked),
    "",
    "/model list numbers the models there are.",
    "/model <alias, provider/model or number>[@profile] pins this session to one; with more text behind it, only that message.",
    "/model default takes the pin away. /model status shows the credentials. /new begins anew.",
    ...(asked.session ? [] : ["", noSession]),
  ].join("\n");
}

/** What whoever wants to keep something has to do. */
export const noSession =
  "This request belongs to no session, so no pin can be kept: send the header x-openclaw-session-key with a text that stays the same for one conversation.";

/** Answers `/model list`. */
export function list(asked: Asked): string {
  const { models, isOpen } = choicesOf(asked);
  if (models.length === 0) return "There is no model to choose.";
  const current = modelName(currentOf(asked).model);
  const lines = models.slice(0, MOST_LISTED).map((model, index) => {
    const mark = modelName(model) === current ? " (current)" : "";
    return `${index + 1}. ${labelOf(model, asked)}${mark}`;
  });
  const more = models.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
    "",
    `/model <number>[@profile] pins this session to one.${isOpen ? " Any other provider/model that you may use can be named too." : ""}`,
  ].join("\n");
}
