import type { Plan } from "@openclaw/key-rotation";

/** What a plan is asked for with. */
export interface PlanRequest {
  /** The model that the request names, if it names one. */
  readonly model?: string;
}

/** The credentials to use: the same for every request, or asked for with each. */
export type PlanSource = Plan | ((request: PlanRequest) => Plan);

/** The plan of one request, for the model it names: what is limited for one model is not for another. */
export function planFor(source: PlanSource, model: string | undefined): Plan {
  const plan = typeof source === "function" ? source(model === undefined ? {} : { model }) : source;
  return model === undefined || plan.model === model ? plan : { ...plan, model };
}
