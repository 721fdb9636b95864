// Numbers, times and coordinates as the reader's language writes them; the clock is Vietnam's.

import type { Field, LonLat } from './types';
import { meridianName, toVn2000 } from './vn2000';

export type Locale = 'vi' | 'en';

export const timeZone = 'Asia/Ho_Chi_Minh';

/// 1204 -> "1.204" in Vietnamese, "1,204" in English.
export function number(value: number, locale: Locale, digits = 0): string {
    return new Intl.NumberFormat(locale === 'vi' ? 'vi-VN' : 'en-US', {
        minimumFractionDigits: 0, maximumFractionDigits: digits,
    }).format(value);
}

function parts(instant: Date): Record<string, string> {
    const format = new Intl.DateTimeFormat('en-GB', {
        timeZone, day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit',
        second: '2-digit', hourCycle: 'h23',
    });
    return Object.fromEntries(format.formatToParts(instant).map(part => [part.type, part.value]));
}

/// 21/11/2025
export function date(instant: Date): string {
    const p = parts(instant);
    return `${p.day}/${p.month}/${p.year}`;
}

/// 14:05
export function clock(instant: Date): string {
    const p = parts(instant);
    return `${p.hour}:${p.minute}`;
}

/// 21/11/2025 14:05
export const dateTime = (instant: Date): string => `${date(instant)} ${clock(instant)}`;

/// Today in Vietnam as 2025-11-21.
export function isoDay(instant: Date): string {
    const p = parts(instant);
    return `${p.year}-${p.month}-${p.day}`;
}

/// A calendar day of the record, "2025-07-01", as 01/07/2025; it has no time zone.
export function day(iso: string): string {
    const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
    return match ? `${match[3]}/${match[2]}/${match[1]}` : iso;
}

const unitSigns: Record<string, string> = { m2: 'm²', km2: 'km²', m3: 'm³', deg: '°', degree: '°', degrees: '°' };
const unitWords: Record<string, Record<Locale, string>> = {
    people: { vi: 'người', en: 'people' }, person: { vi: 'người', en: 'people' },
    year: { vi: 'năm', en: 'years' },
};

export function unit(name: string | undefined, locale: Locale): string {
    if (!name) return '';
    return unitWords[name]?.[locale] ?? unitSigns[name] ?? name;
}

/// A value of the record in words; empty for what is not known.
export function fieldValue(field: Field, value: unknown, locale: Locale): string {
    if (value === null || value === undefined || value === '') return '';
    const code = field.codes?.find(one => one.code === String(value));
    if (code) {
        const title = code.titles[locale] || code.titles.vi;
        return /^[A-Z]{2,4}$/.test(code.code) ? `${title} (${code.code})` : title; // land use is cited by code
    }
    if (field.type === 'boolean') return value ? (locale === 'vi' ? 'Có' : 'Yes') : (locale === 'vi' ? 'Không' : 'No');
    if (field.type === 'date') return day(String(value));
    if (field.type === 'timestamp') {
        const instant = new Date(String(value));
        return Number.isNaN(instant.valueOf()) ? String(value) : dateTime(instant);
    }
    if ((field.type === 'number' || field.type === 'integer') && typeof value === 'number') {
        const sign = unit(field.unit, locale);
        const digits = field.type === 'integer' ? 0 : Math.abs(value) >= 1000 ? 1 : 2;
        const figure = number(value, locale, digits);
        return sign === '°' ? `${figure}°` : sign ? `${figure} ${sign}` : figure;
    }
    return String(value).normalize('NFC');
}

export type CoordinateForm = 'decimal' | 'dms' | `vn2000:${number}`;

function sexagesimal(value: number, positive: string, negative: string, locale: Locale): string {
    const tenths = Math.round(Math.abs(value) * 36000);
    const degrees = Math.floor(tenths / 36000);
    const minutes = Math.floor((tenths % 36000) / 600);
    const seconds = (tenths % 600) / 10;
    const mark = locale === 'vi' ? ',' : '.';
    const text = seconds.toFixed(1).padStart(4, '0').replace('.', mark);
    return `${degrees}°${String(minutes).padStart(2, '0')}′${text}″${value < 0 ? negative : positive}`;
}

/// A position as the foot of the map shows it. Vietnamese letters: B north, N south, Đ east, T west.
export function coordinates([lon, lat]: LonLat, form: CoordinateForm, locale: Locale): string {
    const [north, south, east, west] = locale === 'vi' ? ['B', 'N', 'Đ', 'T'] : ['N', 'S', 'E', 'W'];
    if (form === 'dms') {
        return `${sexagesimal(lat, north!, south!, locale)} ${sexagesimal(lon, east!, west!, locale)}`;
    }
    const fixed = (value: number, digits: number) => new Intl.NumberFormat(locale === 'vi' ? 'vi-VN' : 'en-US', {
        minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(value);
    if (form === 'decimal') {
        return `${fixed(Math.abs(lat), 5)}° ${lat < 0 ? south : north}  ${fixed(Math.abs(lon), 5)}° ${lon < 0 ? west : east}`;
    }
    const point = toVn2000(lon, lat, Number(form.slice('vn2000:'.length)));
    return `X ${fixed(point.north, 1)}  Y ${fixed(point.east, 1)}`;
}

export function coordinateFormName(form: CoordinateForm): string {
    if (form === 'decimal' || form === 'dms') return 'WGS 84';
    return `VN-2000 ${meridianName(Number(form.slice('vn2000:'.length)))}`;
}

/// The longest round length (1, 2, 5 × 10^n m) that fits `room` px, and the px it takes.
export function scaleBar(metresPerPixel: number, room: number): { metres: number; width: number } {
    const reach = metresPerPixel * room;
    const decade = 10 ** Math.floor(Math.log10(reach));
    const metres = decade * ([5, 2, 1].find(step => step * decade <= reach) ?? 1);
    return { metres, width: metres / metresPerPixel };
}

export function length(metres: number, locale: Locale): string {
    return metres >= 1000 ? `${number(metres / 1000, locale, 1)} km` : `${number(metres, locale, 1)} m`;
}

/// Ground length of a css px of MapLibre's map at a latitude.
export function metresPerPixel(latitude: number, zoom: number): number {
    return (40075016.686 * Math.cos((latitude * Math.PI) / 180)) / (512 * 2 ** zoom);
}
