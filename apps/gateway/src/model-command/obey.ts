import { modelName } from "@openclaw/home";
import type { ModelPin } from "@openclaw/providers";
import type { Asked } from "./asked.ts";
import { labelOf } from "./choices.ts";
import { modeOf } from "./current.ts";
import type { FoundCommand } from "./find-command.ts";
import { shownProfile } from "./profile-name.ts";
import { resolveChoice } from "./resolve-choice.ts";
import { list, noSession, show } from "./show.ts";
import { status } from "./status.ts";

/** What comes of a command: the gateway says something, or the rest of the message goes to a model. */
export type Obeyed = { readonly text: string } | { readonly chosen: ModelPin; readonly body: Buffer };

/** Does what a command says. What it chooses is kept for the session, or is for the rest of its message where there is one. */
export function obey({ command, body }: FoundCommand, asked: Asked): Obeyed {
  switch (command.kind) {
    case "show":
      return { text: show(asked) };
    case "list":
      return { text: list(asked) };
    case "status":
      return { text: status(asked) };
    case "reset":
      return { text: beginAnew(asked) };
    case "use":
      return use(command.name, body, asked);
  }
}

function beginAnew({ session, context }: Asked): string {
  if (!session) return `There is nothing to begin anew. ${noSession}`;
  context.sessions.clear(session.id);
  return "This session begins anew: it is pinned to nothing, and takes whichever credential comes first.";
}

function use(text: string, body: Buffer | undefined, asked: Asked): Obeyed {
  const { home, caller, session, context } = asked;
  const choice = resolveChoice(text, asked);
  if ("refusal" in choice) return { text: choice.refusal };
  const { model, profileId, isDefault, isConfigured } = choice;
  if (body) return { chosen: { model: modelName(model), ...(profileId !== undefined && { profileId }) }, body };
  if (!session) return { text: `Nothing was changed. ${noSession} Or name the model in each request.` };
  if (isDefault && isConfigured) {
    context.sessions.unpin(session.id);
    return { text: `This session is pinned to nothing and uses ${labelOf(model, asked)}.` };
  }
  context.sessions.pin(session.id, { model, profileId });
  const withProfile = profileId === undefined ? "" : ` with the profile ${shownProfile(profileId, home, caller)}. Pins are ${modeOf(home)}`;
  return { text: `This session is pinned to ${labelOf(model, asked)}${withProfile}.` };
}
