import { main } from "../../apps/cli/src/main.ts";

/** The `openclaw` program as its sources are, without a build. */
await main();
