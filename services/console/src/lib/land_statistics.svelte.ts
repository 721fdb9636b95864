// Land statistics: days that were frozen, one of them by use and commune, and what changed since the one before.

import { session } from './account.svelte';
import { failureCode, get, send, type Failure } from './api';
import { atlas } from './atlas.svelte';
import { day } from './format';

export type StatisticsKind = 'annual' | 'inventory';
export interface Statistics { id: number; taken_on: string; kind: StatisticsKind; version: number; frozen_at: string; author: string; previous: number | null }
export interface UseHectares { code: string | null; title: string; group: string | null; ha: number }
export interface StatisticsTable extends Statistics {
    synthetic: boolean; partial: boolean; parcels: number; total_ha: number; rounding: { greatest_difference_ha: number };
    groups: { group: string | null; ha: number }[]; uses: UseHectares[]; communes: { code: string | null; name: string | null; ha: number }[];
}
export interface StatisticsChanges extends Statistics {
    since: string | null; after: UseHectares[];
    before: { new: boolean; code: string | null; ha: number; after: { code: string | null; ha: number }[]; gone_ha: number }[];
}

class LandStatistics {
    list = $state.raw<Statistics[]>([]);
    id = $state<number | null>(null);
    commune = $state('');
    communes = $state.raw<{ code: string | null; name: string | null }[]>([]);
    table = $state.raw<StatisticsTable | null>(null);
    changes = $state.raw<StatisticsChanges | null>(null);
    failure = $state<string | null>(null);
    told = $state('');
    busy = $state(false);
    readonly sees = $derived(session.visitor?.rights.collections.parcels?.includes('read') ?? false);
    readonly may = $derived(session.visitor?.rights.collections.parcels?.includes('edit') ?? false);

    /// What is asked of the server beside the statistics.
    readonly query = $derived(new URLSearchParams({ lang: atlas.locale, ...(this.commune ? { commune: this.commune } : {}) }).toString());

    async look(): Promise<void> {
        this.list = (await get<{ statistics: Statistics[] }>('/land/statistics')).statistics;
        const known = this.list.find(one => one.id === this.id) ?? this.list[0];
        if (known) await this.read(known.id, this.commune);
    }

    show(id: number): Promise<boolean> { return this.doing(() => this.read(id, '')); }
    choose(commune: string): Promise<boolean> { return this.doing(() => this.read(this.id!, commune)); }

    /// How often that day was frozen.
    versions(takenOn: string, kind: StatisticsKind): number {
        return this.list.filter(one => one.taken_on === takenOn && one.kind === kind).length;
    }

    freeze(takenOn: string, kind: StatisticsKind): Promise<boolean> {
        return this.doing(async () => {
            const again = this.versions(takenOn, kind) > 0;
            const made = await (await send('POST', '/land/statistics', { taken_on: takenOn, kind, again })).json() as Statistics;
            [this.id, this.commune] = [made.id, ''];
            this.told = atlas.t('statistics.frozen', { d: day(made.taken_on), v: made.version });
            await this.look();
        });
    }

    private async read(id: number, commune: string): Promise<void> {
        [this.id, this.commune] = [id, commune];
        const [table, changes] = await Promise.all([get<StatisticsTable>(`/land/statistics/${id}?${this.query}`),
            get<StatisticsChanges>(`/land/statistics/${id}/changes?${this.query}`)]);
        if (this.id !== id || this.commune !== commune) return; // another was chosen meanwhile
        [this.table, this.changes] = [table, changes];
        if (!commune) this.communes = table.communes;
    }

    private async doing(work: () => Promise<void>): Promise<boolean> {
        [this.busy, this.failure, this.told] = [true, null, ''];
        try {
            await work();
            return true;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
            return false;
        } finally {
            this.busy = false;
        }
    }
}

export const landStatistics = new LandStatistics();
