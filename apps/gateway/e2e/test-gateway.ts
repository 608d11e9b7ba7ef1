import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHome, resolvePaths, type HomeSnapshot } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import {
  createTempHome,
  startFakeProvider,
  type FakeProvider,
  type FakeProviderScript,
  type ManualClock,
  type TempHome,
} from "@openclaw/testkit";
import { afterEach } from "vitest";
import { gatewayToken, loadGatewayToken, startGateway, type Gateway, type GatewayEvent, type RequestEnded } from "../src/index.ts";

export const TOKEN = "test-gateway-token-0123456789abcdef0123456789";

export interface TestGateway {
  readonly gateway: Gateway;
  readonly provider: FakeProvider;
  readonly home: TempHome;
  /** But for that a request ended, which `requests` has. */
  readonly events: GatewayEvent[];
  readonly requests: RequestEnded[];
  /** Sends a request with the gateway's token. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Ends it and starts another one over the same home, in front of the same provider. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TestGatewayOptions extends FakeProviderScript {
  readonly env?: Record<string, string>;
  readonly clock?: ManualClock;
  readonly random?: () => number;
  /** Files of the home; `@PROVIDER@` in a configuration stands for the fake provider's address, `@HOME@` for the home. */
  readonly config?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly store?: object;
  /** `loopback` unless given. */
  readonly bind?: "loopback" | "lan";
  /** Takes the token from where the command line would, in the place of {@link TOKEN}. */
  readonly tokenFile?: string | "generated";
}

/** Starts gateways that are closed after each test. */
export function testGateways(): (options: TestGatewayOptions) => Promise<TestGateway> {
  const open: TestGateway[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });
  return async (options) => {
    const started = await startTestGateway(options);
    open.push(started);
    return started;
  };
}

/** A gateway in front of a scripted provider that is configured as `test`, an OpenAI-compatible one. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const provider = await startFakeProvider(options);
  const config = options.config ?? { models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } } };
  const home = await createTempHome({ ...options.files });
  await home.write(
    ".openclaw/openclaw.json",
    JSON.stringify(config).replaceAll("@PROVIDER@", provider.url).replaceAll("@HOME@", home.path),
  );
  await Promise.all(Object.keys(options.files ?? {}).map((file) => chmod(join(home.path, file), file.startsWith("bin/") ? 0o700 : 0o600)));
  if (options.store) await home.write(".openclaw/agents/main/agent/auth-profiles.json", JSON.stringify(options.store));
  const events: GatewayEvent[] = [];
  const requests: RequestEnded[] = [];
  const onEvent = (event: GatewayEvent) => void (event.type === "request" ? requests.push(event) : events.push(event));
  let gateway = await serve(home, options, onEvent).catch(async (error: unknown) => {
    await Promise.all([provider.close(), home.remove()]);
    throw error;
  });
  return {
    get gateway() {
      return gateway;
    },
    provider,
    home,
    events,
    requests,
    post: (path, body, headers = {}) =>
      fetch(`${gateway.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async restart() {
      await gateway.close();
      gateway = await serve(home, options, onEvent);
    },
    async close() {
      await gateway.close();
      refuseKeys(JSON.stringify([events, requests]), JSON.stringify([options.env, options.config, options.store, options.files]));
      await provider.close();
      await home.remove();
    },
  };
}

async function serve(home: TempHome, options: TestGatewayOptions, onEvent: (event: GatewayEvent) => void): Promise<Gateway> {
  const { clock, random, tokenFile } = options;
  const env = { ...home.env, ...options.env };
  const paths = resolvePaths({ env, osHome: home.path, cwd: tmpdir() });
  const opened = await openHome({ paths, env, use: "gateway", ...(clock && { clock }) });
  const findToken = (generate: boolean, snapshot = opened.current) =>
    loadGatewayToken({ snapshot, generate, ...(tokenFile !== undefined && tokenFile !== "generated" && { tokenFile }) });
  return startGateway({
    home: opened,
    token: tokenFile === undefined ? gatewayToken(Secret.of(TOKEN), "test") : await findToken(true),
    ...(tokenFile !== undefined && { reloadToken: (read: HomeSnapshot) => findToken(false, read) }),
    port: 0,
    bind: options.bind ?? "loopback",
    onEvent,
    ...(clock && { clock }),
    ...(random && { random }),
  });
}

/** Whatever the test is about, no key of its home or environment may be in an event. */
function refuseKeys(text: string, sources: string): void {
  const keys = sources.match(/\b(?:sk-[\w-]{8,}|test-(?:key|canary|token)-[\w-]+)/gu) ?? [];
  const shown = keys.filter((key) => text.includes(key));
  if (shown.length > 0) throw new Error(`events of the gateway show ${shown.join(", ")}`);
}
