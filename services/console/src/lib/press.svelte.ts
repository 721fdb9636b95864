// What press and internet tell, beside the reports: searched, and tied to the one that is open.

import { api, failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';

export interface PressItem {
    id: number; title: string; summary: string | null; link: string; source: string; published_at: string | null;
    topic: { code: string; name: string };
    places: { code: string; name: string; certainty: number }[];
    reports: number[];
}
export interface PressCount { code: string; name: string; count: number }
export interface Press { items: PressItem[]; matched: number; topics: PressCount[]; places: PressCount[]; placeless: number }

class PressList {
    told = $state.raw<Press | null>(null);
    failure = $state<string | null>(null);
    text = $state('');
    topic = $state('');
    place = $state('');
    private asked: AbortController | undefined;

    /// Asks anew; an older answer that comes late is none.
    async look(): Promise<void> {
        this.asked?.abort();
        const { signal } = this.asked = new AbortController();
        const query: Record<string, string> = { lang: atlas.locale, limit: '30' };
        if (this.text.trim()) query.text = this.text.trim().normalize('NFC');
        if (this.topic) query.topic = this.topic;
        if (this.place) query.place = this.place;
        try {
            const told = await api.press(query);
            if (!signal.aborted) [this.told, this.failure] = [told, null];
        } catch (cause) {
            if (!signal.aborted) this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }

    async tie(item: PressItem, report: number): Promise<void> {
        try {
            await api.tiePress(item.id, report, !item.reports.includes(report), atlas.locale);
            await this.look();
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }
}

export const press = new PressList();
