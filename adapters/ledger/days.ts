/** `2026-11-20` ⇄ 20261120, as records have days. */
export const dayNumber = (day: string): number => Number(day.replaceAll('-', ''));
export const dayText = (day: number): string => String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
