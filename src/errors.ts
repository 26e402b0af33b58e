/** An expected failure: the message names the thing, what was expected and what came. The command line exits with 1. */
export class LegendaError extends Error {
  override name = 'LegendaError';
}

/** The caller asked for something impossible (arguments, configuration). The command line exits with 2. */
export class UsageError extends LegendaError {
  override name = 'UsageError';
}
