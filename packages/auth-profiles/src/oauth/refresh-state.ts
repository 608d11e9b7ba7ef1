/**
 * What is known about getting another access for a login without a person: `ready`; `none`, for nothing is stored
 * to get it with; `paused`, because the provider has asked for patience; `indeterminate`, because the refresh token
 * was sent and may be spent; `rejected`, because the provider has said that it is dead.
 */
export type RefreshState = "ready" | "none" | "paused" | "indeterminate" | "rejected";
