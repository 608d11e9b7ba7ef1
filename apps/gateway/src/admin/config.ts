import { changedProfiles } from "@openclaw/home";
import { z } from "zod";
import { changedSettings } from "../changed-settings.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { reloadAll, reloadSchema, reloadStatus } from "./reload-view.ts";

const names = z.array(z.string()).readonly();

const configAnswer = reloadSchema.and(
  z.object({
    config: names.describe("Places of openclaw.json that are others now"),
    env: names.describe("Names of variables, in .env or elsewhere, with another value"),
    profiles: z.object({ added: names, removed: names, replaced: names, renewed: names }).describe("Accounts, by id"),
  }),
);

/** Taking over what changed in the files of the home. */
export const configOperations: readonly AdminOperation[] = [
  operation({
    ...noInput,
    id: "reloadConfig",
    method: "POST",
    path: "/api/v1/config/reload",
    summary: "Read openclaw.json, .env, accounts and references again, and say what changed",
    description:
      "Files are followed by themselves; this is for who wants to know that they were taken over. 503 where something is broken: what was in use stays.",
    answer: configAnswer,
    status: reloadStatus,
    async handle({ signal }, context) {
      const before = context.home.current;
      const report = await reloadAll(context, signal);
      const { current, refresher } = context.home;
      return { ...report, ...changedSettings(before, current), profiles: changedProfiles(before, current, refresher) };
    },
  }),
];
