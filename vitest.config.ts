import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

const conditions = ["@openclaw/source", ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    onConsoleLog: () => {
      throw new Error("a test wrote to the console");
    },
    projects: [
      {
        extends: true,
        // Far from what any takes: property tests share two cores with the processes of the system tests.
        test: { name: "unit", include: ["{packages,apps}/*/src/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: { name: "e2e", include: ["{packages,apps}/*/e2e/**/*.test.ts", "workspace/**/*.test.ts"], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["{packages,apps}/*/system/**/*.test.ts"],
          testTimeout: 60_000,
          globalSetup: "workspace/system-programs.ts",
        },
      },
    ],
  },
});
