// Days of the calendar and numbers as people write them.

const day = 86_400_000; // ms

/// How many days lie between two days of the calendar, "2026-12-01"; negative if the second is earlier.
export const daysBetween = (from: string, to: string): number =>
    Math.round((Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00:00Z`)) / day);

/// "182,5" or "182.5": a number from 0; nothing for what is none. A thousands separator is not one.
export function decimal(text: string): number | null {
    const plain = text.trim().replace(',', '.');
    return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}
