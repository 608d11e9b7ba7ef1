import type { ProviderSpec } from "../spec.ts";

/** Amazon Bedrock. */
export const amazonBedrock: ProviderSpec = {
  id: "amazon-bedrock",
  aliases: ["bedrock", "aws-bedrock"],
  // AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, and AWS_PROFILE, belong to the AWS chain: none of them is a credential alone.
  env: ["AWS_BEARER_TOKEN_BEDROCK"],
  baseUrl: "https://bedrock-runtime.us-east-1.amazonaws.com",
  api: "bedrock-converse-stream",
  auth: "aws-sigv4",
  authKinds: ["aws-sdk"],
};
