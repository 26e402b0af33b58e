/** Numbers as people read them. Not finite: in words. */
const orWords = (value: number, format: (value: number) => string) =>
  Number.isFinite(value) ? format(value) : 'not finite';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `769,930` */
export const count = (value: number): string => orWords(value, (finite) => grouped.format(finite));

/** `1 epoch`, `2 epochs` */
export const plural = (number: number, one: string): string => `${count(number)} ${one}${number === 1 ? '' : 's'}`;

/** To four places; what has run away, as `1.2346e+8`. */
const places = (value: number) => (Math.abs(value) < 1e6 ? value.toFixed(4) : value.toExponential(4));

/** Losses and accuracies, to four places as in the published tables: `0.9060` */
export const measure = (value: number): string => orWords(value, places);

/** A difference with its sign: `+0.0012`, `−0.0012`, `0.0000` */
export const difference = (value: number): string =>
  orWords(value, (finite) => {
    const digits = places(Math.abs(finite));
    if (Number(digits) === 0) return digits;
    return `${finite < 0 ? '−' : '+'}${digits}`;
  });

/** A half-width: `±0.0081` */
export const plusMinus = (value: number): string => orWords(value, (finite) => `±${finite.toFixed(4)}`);

/** What is best told by its power of ten: `2.2·10⁻¹⁶`; from 0.01 to 1000 as it is, to three digits. */
export const small = (value: number): string =>
  orWords(value, (finite) => {
    const size = Math.abs(finite);
    if (size === 0 || (size >= 0.01 && size < 1000)) return String(Number(finite.toPrecision(3)));
    const [digits, power] = finite.toExponential(1).split('e') as [string, string];
    return `${digits}·${powerOfTen(Number(power))}`;
  });

/** `10⁻⁴` */
export const powerOfTen = (power: number): string =>
  `10${[...String(power)].map((sign) => superscripts[sign]).join('')}`;

const superscripts: Readonly<Record<string, string>> = Object.fromEntries(
  [...'-0123456789'].map((sign, i) => [sign, [...'⁻⁰¹²³⁴⁵⁶⁷⁸⁹'][i]!]),
);

/** A rate as it was written: `0.01` */
export const rate = (value: number): string => orWords(value, String);

/** `8.4 s`, `3 min 20 s`, `2 h 05 min` */
export const duration = (seconds: number): string =>
  orWords(seconds, (finite) => {
    if (finite < 59.95) return `${finite.toFixed(1)} s`;
    const whole = Math.round(finite);
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
    const minutes = Math.round(whole / 60);
    return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  });

/** Memory: `11.7 GiB` */
export const memory = (bytes: number): string => orWords(bytes, (finite) => `${(finite / 2 ** 30).toFixed(1)} GiB`);

/** `24 November 2025, 08:20 UTC`; a date that is none stays as it is. */
export function date(iso: string): string {
  const parsed = new Date(iso);
  if (Number.isNaN(parsed.getTime())) return iso;
  const day = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return `${new Intl.DateTimeFormat('en-GB', day).format(parsed)}, ${parsed.toISOString().slice(11, 16)} UTC`;
}

const pad = (value: number) => String(value).padStart(2, '0');

/** `a`, `a and b`, `a, b and c` */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** Words as a shell takes them: `legenda report 'my runs/a'` */
export const commandLine = (...words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');

/** `key=value` as `--set` takes it. */
export const setting = ([key, value]: readonly [string, unknown]): string =>
  `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;

/** A name that may stand in a file's name and in an address. */
export const slug = (name: string): string => name.replace(/[^A-Za-z0-9-]+/g, '-');
