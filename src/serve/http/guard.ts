import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { UsageError } from '../../errors.js';
import { Problem } from './problem.js';

/** Who may ask. */
export interface GuardOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** What every request must show; none is needed on loopback. */
  readonly token?: string | undefined;
  /** Names by which the machine is called, besides `localhost`. */
  readonly allowedHosts?: readonly string[];
  /** Origins (`https://example.org`) of pages elsewhere that may ask. */
  readonly allowedOrigins?: readonly string[];
  /** Paths that are answered without a token, such as health. */
  readonly open?: readonly string[];
  /** A cookie that the token may be in, for pages: `/?token=…` sets it. */
  readonly cookie?: string;
}

/** Fewer characters could be guessed. */
const shortestToken = 16;

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);

/**
 * @throws UsageError when another address than loopback is to be listened on without a token, or a token is too short or an
 *   origin not one
 */
export function checkGuard({ host, token, allowedOrigins = [] }: GuardOptions): void {
  if (token === undefined && !isLoopback(host))
    throw new UsageError(`listening on ${host} needs a token: others can reach it there`);
  if (token !== undefined && token.length < shortestToken)
    throw new UsageError(`a token of at least ${shortestToken} characters is expected, ${token.length} came`);
  for (const origin of allowedOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new UsageError(`an origin such as https://example.org is expected, "${origin}" came`);
  }
}

/**
 * Refuses what a browser was led to ask by a foreign page: under a name that is not ours (DNS rebinding), from another
 * origin, or, where there is a token, without it. Allowed origins get the headers of CORS.
 */
export function guard(options: GuardOptions): MiddlewareHandler {
  const { host, token, allowedHosts = [], allowedOrigins = [], open = [], cookie } = options;
  checkGuard(options);
  const names = new Set(['localhost', host, ...allowedHosts].map((name) => name.toLowerCase()));
  const origins = new Set(allowedOrigins);
  return async (c, next) => {
    const { req } = c;
    const asked = req.header('host') ?? '';
    // An address cannot be rebound; a name can.
    const name = hostName(asked);
    if (name === undefined || !(isIP(name) || names.has(name)))
      throw new Problem(421, `the Host "${asked}" is not served here; --allow-host admits a name`);
    const origin = req.header('origin');
    const own = origin !== undefined && origin === `${new URL(req.url).protocol}//${asked}`;
    const allowed = origin !== undefined && origins.has(origin);
    if (origin !== undefined && !own && !allowed)
      throw new Problem(403, `pages of the origin "${origin}" may not ask; --allow-origin admits one`);
    const site = req.header('sec-fetch-site');
    const navigates = req.header('sec-fetch-mode') === 'navigate' && req.method === 'GET';
    if ((site === 'cross-site' || site === 'same-site') && !allowed && !navigates)
      throw new Problem(403, 'pages of other sites may not ask');
    if (allowed) {
      // on the answer itself, whatever will be made of it, so that the page hears what is wrong too
      c.res.headers.set('access-control-allow-origin', origin);
      c.res.headers.set('vary', 'Origin');
      if (req.method === 'OPTIONS') {
        c.header('access-control-allow-methods', 'GET, POST');
        c.header('access-control-allow-headers', 'authorization, content-type');
        c.header('access-control-max-age', '600');
        return c.body(null, 204);
      }
    }
    if (token === undefined || open.includes(req.path)) return next();
    if (isSame(/^Bearer (.+)$/i.exec(req.header('authorization') ?? '')?.[1], token)) return next();
    if (cookie === undefined)
      throw new Problem(401, 'the token is expected as "Authorization: Bearer …"', { 'www-authenticate': 'Bearer' });
    if (isSame(getCookie(c, cookie), token)) return next();
    if (req.method !== 'GET' || req.path !== '/' || !isSame(req.query('token'), token))
      throw new Problem(401, 'the token is expected: open the address with ?token=…');
    setCookie(c, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return c.redirect('/');
  };
}

/** The name or address of a Host header, in small letters; undefined where it is none. */
function hostName(header: string): string | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([a-z\d.-]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/** In a time that does not depend on how much of it is right. */
function isSame(given: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token));
}
