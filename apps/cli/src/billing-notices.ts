import type { HomeSnapshot } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import { explainModel } from "./models-explain/explain-model.ts";
import type { ModelExplanation } from "./models-explain/explanation.ts";
import type { BillingNotice } from "./status-types.ts";

/** What the next requests for the models in use are looked at with. */
export interface BillingNoticesOptions {
  readonly agentId: string | undefined;
  readonly health: Health;
  readonly now: number;
}

/** Which models in use would be paid per token now although a flat plan is there, or are refused for that. */
export function billingNotices(home: HomeSnapshot, { agentId, health, now }: BillingNoticesOptions): readonly BillingNotice[] {
  const { defaultModel, imageModel, resolve } = home.models(agentId);
  const names = [defaultModel, ...(imageModel === undefined ? [] : [imageModel])].filter((name) => {
    const ref = resolve(name);
    return ref !== undefined && home.providers.find(ref.provider) !== undefined;
  });
  return names.flatMap((text) => noticeOf(explainModel(home, { text, agentId, session: undefined, now, health, notes: [] })));
}

function noticeOf({ models }: ModelExplanation): readonly BillingNotice[] {
  const [requested] = models;
  if (!requested) return [];
  const asked = `${requested.provider}/${requested.model}`;
  const serving = models.find(({ first }) => first !== null);
  const served = serving?.candidates.find(({ id }) => id === serving.first);
  if (serving && served?.isCrossing) {
    const model = `${serving.provider}/${serving.model}`;
    const where = model === asked ? "" : ` at ${model}`;
    const message = `the next request is paid per token, with ${served.origin}${where}: no flat plan can be used now`;
    return [{ asked, kind: "paid", served: { id: served.id, origin: served.origin, model }, message }];
  }
  if (serving || requested.billing.crossing !== "refused") return [];
  const message = 'no flat plan can be used now, and what is paid per token is left out (auth.billingCrossing: "allow" lets it in)';
  return [{ asked, kind: "refused", message }];
}
