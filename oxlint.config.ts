import { defineConfig } from "oxlint";

/** What each part may import from the others. Everything not named here fails lint. */
const layers: Readonly<Record<string, readonly string[]>> = {
  "packages/secrets": [],
  "packages/key-rotation": ["secrets"],
  "packages/auth-profiles": ["secrets"],
  "packages/providers": ["secrets", "key-rotation"],
  "packages/home": ["secrets", "key-rotation", "auth-profiles", "providers"],
  "packages/testkit": [],
  "apps/gateway": ["secrets", "key-rotation", "auth-profiles", "providers", "home"],
  "apps/cli": ["secrets", "key-rotation", "auth-profiles", "providers", "home", "gateway"],
};

/** The files that may turn a secret into a string: where it leaves the process or is written. */
const revealers = [
  "packages/secrets/src/redactor.ts",
  "packages/secrets/src/redactor/tiers.ts",
  "packages/secrets/src/secret-search.ts",
  "packages/secrets/src/exact-redaction.ts",
  "packages/secrets/src/seal.ts",
  "packages/auth-profiles/src/profile-json.ts",
  "packages/auth-profiles/src/oauth/token-endpoint.ts",
  "packages/auth-profiles/src/oauth/userinfo.ts",
  "packages/providers/src/authorize.ts",
  "apps/gateway/src/gateway-token.ts",
  "apps/cli/src/gateway-client.ts",
  "apps/cli/src/io.ts",
  "apps/cli/src/models-auth/notify-webhook.ts",
  "apps/cli/src/try-out.ts",
];

const tests = ["**/*.test.ts", "**/e2e/**", "**/system/**", "bench/**", "workspace/**"];

const deepImport = {
  group: ["@openclaw/*/**", "openclaw", "openclaw/**"],
  message: "Only what a package exports is public.",
};

function layering(allowed: readonly string[]) {
  return [
    "error",
    {
      patterns: [
        deepImport,
        { regex: "^(?:\\.\\./)+(?:packages/|apps/)?[a-z-]+/src/", message: "Import the package, not its files." },
        { group: ["@openclaw/*", ...allowed.map((name) => `!@openclaw/${name}`)], message: "Against the layering in oxlint.config.ts." },
      ],
    },
  ] as const;
}

const ambient = ["process", "fetch", "setTimeout", "setInterval", "setImmediate", "console"].map((name) => ({
  name,
  message: "Take it as an argument (CONTRIBUTING.md).",
}));

const clockReads = [
  { object: "Date", property: "now", message: "Take a Clock." },
  { object: "Math", property: "random", message: "Take a source of randomness." },
];

const reveal = { property: "reveal", message: "Only the files listed in oxlint.config.ts reveal a secret." };

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "vitest"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "max-lines": ["error", { max: 300 }],
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "import/no-named-as-default-member": "off",
    "import/no-unassigned-import": "off",
    "no-console": "error",
    "no-await-in-loop": "off",
    "no-control-regex": "off",
    "no-shadow": "off",
    "no-underscore-dangle": "off",
    "no-restricted-properties": ["error", ...clockReads, reveal],
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    "typescript/consistent-type-imports": "error",
    "unicorn/consistent-function-scoping": "off",
    "vitest/no-focused-tests": "error",
    // What a platform says of a cut connection or a refused value is not ours to pin.
    "vitest/require-to-throw-message": "off",
  },
  overrides: [
    ...Object.entries(layers).flatMap(([folder, allowed]) => [
      { files: [`${folder}/**`], rules: { "no-restricted-imports": layering(allowed) } },
      { files: tests.map((pattern) => `${folder}/${pattern}`), rules: { "no-restricted-imports": layering([...allowed, "testkit"]) } },
    ]),
    { files: ["packages/**"], rules: { "no-restricted-globals": ["error", ...ambient] } },
    { files: revealers, rules: { "no-restricted-properties": ["error", ...clockReads] } },
    {
      files: [
        "packages/secrets/src/clock.ts",
        "packages/auth-profiles/src/oauth/system-fetch.ts",
        "packages/providers/src/system-fetch.ts",
      ],
      rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" },
    },
    {
      files: ["packages/testkit/**", ...tests],
      rules: { "no-restricted-globals": "off", "no-restricted-properties": "off", "max-lines": "off" },
    },
    { files: ["apps/*/rolldown.config.js", "workspace/system-programs.ts"], rules: { "import/no-default-export": "off" } },
  ],
});
