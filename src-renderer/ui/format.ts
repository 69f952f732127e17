/** Numbers as people read them. */

const counts = new Intl.NumberFormat('en');

/** 4888 -> "4,888". */
export const formatCount = (n: number): string => counts.format(n);

/** "1 picture", "364 pictures". */
export const plural = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;

/** A fraction as "12.3 %". */
export const formatPercent = (fraction: number, digits = 1): string => `${(100 * fraction).toFixed(digits)} %`;

/** Seconds as "8 s", "3 min 20 s", "1 h 05 min". */
export function formatSeconds(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** Bytes as "3.4 MB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

/** At most `digits` significant digits, without trailing zeros; tiny and huge numbers in powers of ten. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6
    ? value.toExponential(Math.max(0, digits - 1)).replace('e+', 'e')
    : String(Number(value.toPrecision(digits)));
}
