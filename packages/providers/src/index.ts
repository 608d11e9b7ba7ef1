export { hostKind, type HostKind } from "./address.ts";
export { authorize } from "./authorize.ts";
export { classifyFailure } from "./classify.ts";
export type { Outcome } from "./classify/evidence.ts";
export { createProviderClient, type ProviderClient, type ProviderClientOptions, type ProviderRequest } from "./client.ts";
export type { ConfiguredUrl } from "./configured-url.ts";
export { customSpec, type CustomProvider } from "./custom-spec.ts";
export { parseBaseUrl, permitsAddress, type BaseUrlOptions } from "./destination.ts";
export { dialectsOf, endpointFor, leadsOutside, type Endpoint, type EndpointQuery } from "./endpoint.ts";
export { ProviderError, type ProviderErrorCode, type ProviderErrorOptions } from "./errors.ts";
export { createEventRedaction } from "./event-redaction.ts";
export { createFirstEventReader, type FirstEvent } from "./first-event.ts";
export { createJsonBeginning, type JsonBeginning } from "./json-beginning.ts";
export type { HeaderReader } from "./header-reader.ts";
export { readHeadroom } from "./headroom.ts";
export { readRetryAt } from "./limits.ts";
export { splitModelPin, type ModelPin } from "./model-pin.ts";
export { recoveryHeaders, secondsUntil } from "./recovery-headers.ts";
export { defaultModelRef, parseModelRef, type ModelRef } from "./model-ref.ts";
export type { OAuthFacts } from "./oauth-facts.ts";
export { dialectOf } from "./operations.ts";
export type { PlanRequest, PlanSource } from "./plan-source.ts";
export { createProviderFetch, type ProviderFetchOptions } from "./provider-fetch.ts";
export { probe, type ProbeOptions } from "./probe.ts";
export type { ProbeFetch } from "./probe/ask.ts";
export { needsModel, probeRequest, type ProbeRequest, type ProbeRequestOptions } from "./probe/probe-request.ts";
export type { ProbeReason, ProbeResult, ProbeStatus } from "./probe/probe-result.ts";
export { publicPrefix, publicPrefixes } from "./public-prefix.ts";
export type { SenderOptions } from "./sender.ts";
export {
  apiKinds,
  type ApiKind,
  type AuthKind,
  type AuthStyle,
  type Dialect,
  type ModelApi,
  type Operation,
  type OperationEndpoint,
  type ProbeFacts,
  type ProviderSpec,
} from "./spec.ts";
export { providerSpecs } from "./specs/index.ts";
export { authProviderId, findProvider, normalizeProviderId } from "./table.ts";
