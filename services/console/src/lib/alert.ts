// Alerts that stand: which, how grave, and until when.

import { api } from './api';
import type { Locale } from './format';
import type { Items } from './types';

export const alertsId = 'alerts';

export interface Alert {
    id: number; headline: string; severity: string; state: string; openedAt: string; expires: string | null;
}

const severities = ['Minor', 'Moderate', 'Severe', 'Extreme'];
/// 0 for one that does not say.
export const gravity = (alert: Pick<Alert, 'severity'>): number => severities.indexOf(alert.severity) + 1;
/// From here on it is told by sound too.
export const grave = 3;

const mostShown = 100;

export function alertsOf(items: Items, locale: Locale): Alert[] {
    return items.features.map(({ id, properties }) => {
        const text = (name: string) => (typeof properties[name] === 'string' ? properties[name] : '');
        const inWords = (name: string) => (locale === 'en' && text(`${name}_en`)) || text(name);
        return {
            id, headline: inWords('headline') || inWords('event'), severity: text('severity'),
            state: text('state') || 'open', openedAt: text('opened_at') || text('onset'), expires: text('expires') || null,
        };
    });
}

/// Those that have not expired, the gravest first, of equals the newest.
export const standing = (alerts: readonly Alert[], now: number): Alert[] => alerts
    .filter(({ expires }) => expires === null || Date.parse(expires) > now)
    .sort((a, b) => gravity(b) - gravity(a) || b.openedAt.localeCompare(a.openedAt));

export const readAlerts = async (locale: Locale): Promise<Alert[]> => alertsOf(await api.listed(alertsId, {
    filter: "state IS NULL OR state IN ('open', 'acknowledged')", limit: String(mostShown),
}), locale);
