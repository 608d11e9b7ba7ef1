import {
  checkCommand,
  createSecretResolver,
  formatSecretRef,
  SecretsError,
  type Env,
  type SecretProviderConfig,
  type SecretRef,
} from "@openclaw/secrets";

/** What a secret provider is looked at with. */
export interface CheckProviderOptions {
  readonly env: Env;
  /** What `~` stands for. */
  readonly home: string;
  readonly uid: number | undefined;
  readonly signal: AbortSignal;
}

/** What is wrong with a secret provider, and what to do. */
export interface ProviderProblem {
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * Looks at a secret provider the way a request would, as far as that goes without a reference: a file is opened
 * and its owner, permissions and form are checked; a command is looked at and not run. No value is kept.
 */
export async function checkProvider(
  alias: string,
  config: SecretProviderConfig,
  options: CheckProviderOptions,
): Promise<ProviderProblem | undefined> {
  try {
    if (config.source === "exec") await checkCommand(config.command, { ...config, uid: options.uid });
    if (config.source !== "file") return undefined;
    const error = await openingError(
      { source: "file", provider: alias, id: config.mode === "singleValue" ? "value" : "/" },
      config,
      options,
    );
    return error && problemOf(error);
  } catch (error) {
    if (error instanceof SecretsError) return problemOf(error);
    throw error;
  }
}

/** That a member is not there is no fault of the file. */
async function openingError(ref: SecretRef, config: SecretProviderConfig, { env, home, uid, signal }: CheckProviderOptions) {
  const resolver = createSecretResolver({ env, providers: { [ref.provider]: config }, home, ...(uid !== undefined && { uid }) });
  const outcome = (await resolver.resolveAll([ref], { signal })).get(formatSecretRef(ref));
  if (outcome?.status !== "failed") return undefined;
  const isMember = ref.id === "/" && (outcome.error.code === "reference-unresolved" || outcome.error.code === "value-refused");
  return isMember ? undefined : outcome.error;
}

function problemOf({ message, hint }: SecretsError): ProviderProblem {
  return { message, hint };
}
