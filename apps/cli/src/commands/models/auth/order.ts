import type { Command } from "commander";
import type { Home, OrderQuery, OrderReport } from "@openclaw/home";
import type { CliContext } from "../../../context.ts";
import type { ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import type { Runner } from "../../../program.ts";

interface OrderFlags {
  readonly provider: string;
  readonly agent?: string;
  readonly json?: boolean;
}

type OrderContext = Pick<CliContext, "io" | "home" | "interrupted">;

export function addAuthOrder(auth: Command, run: Runner): void {
  const order = auth.command("order").description("choose which accounts of a provider an agent uses, and in what order");
  const verb = (name: string, description: string) =>
    order
      .command(name)
      .description(description)
      .requiredOption("--provider <name>", "the provider, under any of its names")
      .option("--agent <id>", "another agent's order (default: the default agent's)");
  verb("get", "show the agent's own order")
    .option("--json", "print JSON")
    .action((_flags: unknown, command: Command) => run((context) => runOrderGet(context, command.optsWithGlobals())));
  verb("set", "use these accounts and no others, in this order")
    .argument("<profileIds...>", "ids of accounts")
    .action((ids: readonly string[], _flags: unknown, command: Command) =>
      run((context) => runOrderSet(context, command.optsWithGlobals(), ids)),
    );
  verb("clear", "go back to the configured or usual order").action((_flags: unknown, command: Command) =>
    run((context) => runOrderClear(context, command.optsWithGlobals())),
  );
}

function runOrderGet(context: OrderContext, flags: OrderFlags): Promise<ExitCode> {
  return runOrder(context, flags, async (home, query) => {
    const [{ readOrder }, { ruleNotices }] = await orderModules();
    const report = await readOrder(home.current, query);
    return { report, notices: report.order === null && !flags.json ? ruleNotices(home.current, query) : [] };
  });
}

function runOrderSet(context: OrderContext, flags: OrderFlags, ids: readonly string[]): Promise<ExitCode> {
  return runOrder(context, flags, async (home, query) => {
    const [{ setOrder }, { setOrderNotices }] = await orderModules();
    const report = await setOrder(home.current, query, ids);
    return { report, notices: await setOrderNotices(home, query, report.order ?? []) };
  });
}

function runOrderClear(context: OrderContext, flags: OrderFlags): Promise<ExitCode> {
  return runOrder(context, flags, async (home, query) => {
    const [{ clearOrder }, { clearedOrderNotices }] = await orderModules();
    const report = await clearOrder(home.current, query);
    return { report, notices: await clearedOrderNotices(home, query) };
  });
}

function orderModules() {
  return Promise.all([import("@openclaw/home"), import("../../../models-auth/plan-notices.ts")]);
}

interface OrderOutcome {
  readonly report: OrderReport;
  readonly notices: readonly string[];
}

function runOrder(
  context: OrderContext,
  { agent, provider, json }: OrderFlags,
  change: (home: Home, query: OrderQuery) => Promise<OrderOutcome>,
): Promise<ExitCode> {
  return inHome(context, async (home, signal) => {
    const { report, notices } = await change(home, { agentId: agent, provider, signal });
    const { renderOrder } = await import("../../../render/models-auth.ts");
    for (const notice of notices) context.io.err(notice);
    context.io.out(json ? JSON.stringify(report, null, 2) : renderOrder(report));
    return 0;
  });
}
