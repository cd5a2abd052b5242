/** xs:duration and xs:dateTime as WS-Management uses them: time limits and expirations. Source: XML Schema part 2 §3.2.6-7. */

const FORM =
  /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?|\.\d+)S)?)?$/;
/** Milliseconds of year, month, day, hour, minute, second; a year counts 365 days and a month 30, as no date is given. */
const UNITS = [31_536_000_000, 2_592_000_000, 86_400_000, 3_600_000, 60_000, 1000];

/** Milliseconds, negative for a negative duration; undefined when the text is no duration. Fractions of seconds count: `PT60.000000S`. */
export function parseDuration(text: string): number | undefined {
  const found = FORM.exec(text.trim());
  if (!found) return undefined;
  const [whole, sign, ...fields] = found;
  if (fields.every((field) => field === undefined) || whole.endsWith('T')) return undefined;
  const size = fields.reduce((sum, field, index) => sum + Number(field ?? 0) * UNITS[index]!, 0);
  if (!Number.isFinite(size)) return undefined;
  return sign === '-' && size > 0 ? -size : size;
}

/** Shortest duration text of a number of milliseconds, in days, hours, minutes and seconds. */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const total = Math.abs(Math.round(milliseconds));
  const days = Math.floor(total / 86_400_000);
  const hours = Math.floor(total / 3_600_000) % 24;
  const minutes = Math.floor(total / 60_000) % 60;
  const seconds = (total % 60_000) / 1000;
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  if (days === 0 && time === '') return 'PT0S';
  return `${sign}P${days ? `${days}D` : ''}${time ? `T${time}` : ''}`;
}

/** When something ends: after a span, or at a moment (milliseconds since 1970). */
export type Expiration =
  | { readonly kind: 'after'; readonly milliseconds: number }
  | { readonly kind: 'at'; readonly moment: number };

const DATE_TIME = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;

/** Undefined when the text is neither a duration nor a dateTime. A dateTime without zone is read as UTC. */
export function parseExpiration(text: string): Expiration | undefined {
  const trimmed = text.trim();
  const milliseconds = parseDuration(trimmed);
  if (milliseconds !== undefined) return { kind: 'after', milliseconds };
  if (!DATE_TIME.test(trimmed)) return undefined;
  const moment = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(trimmed) ? trimmed : `${trimmed}Z`);
  return Number.isNaN(moment) ? undefined : { kind: 'at', moment };
}
