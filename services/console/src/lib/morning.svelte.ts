// What a leader looks at first: indicators that communes of the province fail, and dossiers that are overdue.

import { api } from './api';
import { atlas } from './atlas.svelte';
import { hearChanges } from './hearing';
import { indicators, type Failing } from './indicators.svelte';
import type { Indicator, UnitValue } from './types';

const settle = 500; // ms: a burst of changes is one look
const told = ['indicators', 'indicator_catalogue', 'service_dossiers', 'service_pauses'];

/// A unit fails where the catalogue says that its value alarms, or its value is on the wrong side of the plan.
export function fails({ alert, value, target }: Pick<UnitValue, 'alert' | 'value' | 'target'>, direction: Indicator['direction']): boolean {
    if (alert === 'alarm') return true;
    if (value === null || target === undefined) return false;
    return direction === 'up' ? value < target : direction === 'down' && value > target;
}

class Morning {
    overdue = $state(0);
    private asked = 0;

    /// Follows what is committed until it is ended.
    begin(): () => void {
        void this.look();
        return hearChanges(told, settle, () => void this.look());
    }

    private async failing(one: Indicator, province: string): Promise<Failing | null> {
        const { values } = await api.indicatorValues(one.code,
            { period: one.periods.last!, on: atlas.day, level: 'commune', province, lang: atlas.locale });
        const units = values.filter(unit => fails(unit, one.direction)).map(({ code, name }) => ({ code, name }));
        return units.length > 0 ? { code: one.code, title: one.title, province, units, of: values.length } : null;
    }

    /// What cannot be had is not said to be well: the figures stay as they were.
    private async look(): Promise<void> {
        const turn = ++this.asked;
        try {
            const [west, south, east, north] = atlas.home;
            const [list, overdue, here] = await Promise.all([
                api.indicators(atlas.locale), api.overdueDossiers(), api.at([(west + east) / 2, (south + north) / 2])]);
            const province = here.places.find(one => one.level === 'province' && !one.valid_to);
            const judged = province ? list.filter(one => one.periods.last && one.direction !== 'none') : [];
            const found = await Promise.all(judged.map(one => this.failing(one, province!.code)));
            if (turn !== this.asked) return;
            this.overdue = overdue.length;
            indicators.failing = found.filter(one => one !== null);
        } catch { /* the bar above says when the server was heard last */ }
    }
}

export const morning = new Morning();
