import { adminOperations } from "../admin/operations.ts";
import type { Route } from "../route.ts";

/** What an operator sees and does. */
export const adminRoutes: readonly Route[] = adminOperations.map(({ route }) => route);
