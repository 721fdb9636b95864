// Two moments side by side: left of a line the map as it was, right of it as it is.

import { atlas } from './atlas.svelte';
import { isoDay } from './format';
import { asOf, type Past } from './style';

/// By what is true in law, or by what the record knew.
export const senses = ['valid', 'recorded'] as const;
export type Sense = typeof senses[number];

export const least = 0.05; // of the width that a side keeps

class Comparison {
    shown = $state(false);
    day = $state('2025-06-30'); // the last of the former units
    sense = $state<Sense>('valid');
    share = $state(0.5); // of the width that is left of the line

    readonly today = $derived(isoDay(new Date(atlas.now)));
    /// Units say in their tiles when they were there, at every zoom; all else is asked for.
    readonly past = $derived<Past>({
        query: this.sense === 'valid' ? `datetime=${this.day}` : asOf(`${this.day}T23:59:59+07:00`),
        collections: atlas.collections.map(one => one.id).filter(id => this.sense === 'recorded' || id !== 'places'),
    });

    toggle(): void {
        this.shown = !this.shown;
    }

    /// Takes a whole day that is over, or today.
    choose(day: string): void {
        if (/^\d{4}-\d{2}-\d{2}$/.test(day) && day <= this.today) this.day = day;
    }

    move(share: number): void {
        this.share = Math.min(1 - least, Math.max(least, share));
    }
}

export const comparison = new Comparison();
