import type { HomeSnapshot, ModelRef } from "@openclaw/home";
import type { Caller } from "./caller.ts";
import { configuredModels } from "./configured-models.ts";

/** The models of the configuration that somebody may use. */
export function allowedModels(home: HomeSnapshot, caller: Caller): readonly ModelRef[] {
  const models = configuredModels(home);
  return caller.isAdmin ? models : models.filter((model) => caller.allowsModel(model));
}
