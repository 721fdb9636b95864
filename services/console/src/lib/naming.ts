// How a feature is called where it has to be named in one line, and which units a point lies in.

import type { Locale } from './format';
import { message } from './messages';
import type { Collection, Place } from './types';

/// The feature's own name; a parcel by sheet and number, as the cadastre cites it; else its record.
export function nameOf(
    collection: Pick<Collection, 'id' | 'labelField'> | undefined,
    properties: Record<string, unknown>,
    fid: number,
    kind: string,
    locale: Locale,
): string {
    if (properties.parcel_number && properties.sheet) {
        return message(locale, 'name.parcel', {
            n: String(properties.parcel_number), s: String(properties.sheet),
        });
    }
    const name = properties.full_name ?? properties[collection?.labelField ?? ''] ?? properties.title
        ?? properties.headline ?? properties.name;
    return name ? String(name).normalize('NFC') : message(locale, 'name.record', { k: kind, n: fid });
}

/// Units of a point that were in force on a day, largest first.
export function unitsOn(places: readonly Place[], day: string): Place[] {
    return places.filter(p => (p.valid_from ?? '') <= day && (!p.valid_to || p.valid_to >= day));
}
