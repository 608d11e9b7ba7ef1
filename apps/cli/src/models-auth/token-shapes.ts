/** What is known of tokens that begin with a prefix. */
export interface TokenShape {
  readonly prefix: string;
  /** A shorter one was cut off. A longer one may be of a newer kind. */
  readonly least: number;
}

/** Only prefixes whose tokens are all as long as their issuer says. Any other token is taken as it is. */
export const tokenShapes: readonly TokenShape[] = [
  // `claude setup-token` prints 108; OpenClaw has always taken 80.
  { prefix: "sk-ant-oat01-", least: 80 },
  { prefix: "ghp_", least: 40 },
  { prefix: "gho_", least: 40 },
  { prefix: "ghu_", least: 40 },
  { prefix: "github_pat_", least: 93 },
  { prefix: "sk-or-v1-", least: 73 },
  { prefix: "AIza", least: 39 },
  { prefix: "gsk_", least: 56 },
  { prefix: "xai-", least: 84 },
  { prefix: "hf_", least: 37 },
];
