import type { Route } from "../route.ts";
import { adminRoutes } from "./admin.ts";
import { completionRoutes } from "./completion.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics.ts";
import { modelRoutes } from "./models.ts";

/** Everything the gateway answers. */
export const routes: readonly Route[] = [...completionRoutes, ...modelRoutes, ...adminRoutes, ...healthRoutes, ...metricsRoutes];
