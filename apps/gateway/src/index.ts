export type { GatewayEvent, RequestEnded } from "./context.ts";
export { GatewayError, type GatewayErrorCode, type GatewayErrorOptions } from "./errors.ts";
export { gatewayToken, loadGatewayToken, type GatewayToken, type GatewayTokenOptions } from "./gateway-token.ts";
export { startGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { startSandboxProvider, type SandboxProvider } from "./sandbox-provider.ts";
export { sessionOf } from "./session.ts";
export { createSingleRequests, type SingleRequests } from "./single-requests.ts";
