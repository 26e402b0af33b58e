import { Redis } from 'ioredis';
import { LegendaError, UsageError } from '../../errors.js';

/** Milliseconds until a server that does not answer counts as not there. */
const patience = 5000;

/** The oldest version of Redis whose commands the queue needs; Valkey counts on from 7.2. */
const oldest = [6, 2] as const;

const reasons: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'the connection is refused (is it running?)'],
  [/ENOTFOUND|EAI_AGAIN/, 'there is no such host'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'there is no answer'],
  [/WRONGPASS|invalid (username|password)/i, 'it does not accept the password'],
  [/NOAUTH/, 'it wants a password: redis://:PASSWORD@HOST'],
  [/Protocol error|Parser/i, 'it does not speak as Redis does'],
  [/NOPERM/, 'the user may not do this'],
  [/Invalid DB index|DB index is out of range/i, 'it has no database of that number'],
];

/** An address as people may see it. */
export function shownAddress(url: string): string {
  // a password may be among the parameters too
  const { protocol, username, password, host, pathname } = new URL(url);
  const user = username === '' && password === '' ? '' : `${username}${password === '' ? '' : ':***'}@`;
  return `${protocol}//${user}${host}${pathname === '/' ? '' : pathname}`;
}

/** @throws UsageError when it is no address of Redis; what was given may be a password and is not repeated */
function checkAddress(url: string): void {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if ((protocol === 'redis:' || protocol === 'rediss:') && hostname !== '') return;
  throw new UsageError(
    '--queue: an address like redis://HOST:6379 is expected, or rediss://USER:PASSWORD@HOST:PORT/DATABASE',
  );
}

/**
 * Whether Redis is at an address and can be worked with.
 * @returns what people should know of it
 * @throws UsageError when the address is none; LegendaError saying why it cannot be reached
 */
export async function tryRedis(url: string): Promise<string[]> {
  checkAddress(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: patience,
    commandTimeout: patience,
  });
  let last: Error | undefined;
  redis.on('error', (error) => {
    last ??= error;
  });
  try {
    await redis.connect();
    const about = await redis.info();
    if (last !== undefined) throw last;
    checkVersion(url, about);
    return notesOf(about);
  } catch (error) {
    if (error instanceof LegendaError) throw error;
    throw describeRedisError(url, last ?? (error as Error));
  } finally {
    redis.disconnect();
  }
}

/** An error of the client in plain words. */
export function describeRedisError(url: string, error: Error): LegendaError {
  const reason = reasons.find(([pattern]) =>
    pattern.test(`${(error as NodeJS.ErrnoException).code} ${error.message}`),
  )?.[1];
  return new LegendaError(`cannot use Redis at ${shownAddress(url)}: ${reason ?? error.message}`, { cause: error });
}

/** A line of what Redis says of itself. */
const lineOf = (about: string, key: string): string | undefined =>
  new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(about)?.[1];

function checkVersion(url: string, about: string): void {
  const version = lineOf(about, 'redis_version');
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new LegendaError(
    `Redis at ${shownAddress(url)} is of version ${version ?? 'unknown'}, ${oldest.join('.')} or later is expected`,
  );
}

function notesOf(about: string): string[] {
  const policy = lineOf(about, 'maxmemory_policy');
  return [
    ...(lineOf(about, 'aof_enabled') === '0'
      ? [
          'Redis keeps no append-only file (appendonly yes): when it stops, jobs are lost until the command that gave them is repeated',
        ]
      : []),
    ...(policy !== undefined && policy !== 'noeviction'
      ? [`Redis may drop jobs when its memory is full (maxmemory-policy ${policy}; noeviction is expected)`]
      : []),
  ];
}

/**
 * A connection that comes back whenever Redis does, however long it is away. Its errors are heard by who uses it.
 * @param end aborted when it need not come back any more
 */
export const connectionTo = (url: string, end: AbortSignal) => ({
  url,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => (end.aborted ? null : Math.min(100 * times, 2000)),
});
