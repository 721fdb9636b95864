// A guided tour is data: sentences, what to press, and what must be seen before it goes on.

import type { LonLat, Titles } from '../lib/types';

/// Something of the page: the first that the selector finds and that holds the text. Points and commas of figures
/// do not count, so that a figure is the same in both languages.
export interface What { css: string; text?: string }

export interface Step {
    id: string;
    say: Titles;
    view?: { at: LonLat; zoom: number }; // where the map goes as the step begins
    copy?: string; // a text that is pasted
    press?: What;
    seen: What;
}

export interface Scene { title: Titles; steps: readonly Step[] }

const plain = (text: string): string => text.normalize('NFC').replace(/(\d)[.,](?=\d)/g, '$1').replace(/\s+/g, ' ');

export function find({ css, text }: What): HTMLElement | null {
    for (const one of document.querySelectorAll<HTMLElement>(css)) {
        if (one.checkVisibility() && (!text || plain(one.textContent ?? '').includes(plain(text)))) return one;
    }
    return null;
}

/// The scenes there are; each is loaded when it is walked.
export const scenes: Record<string, () => Promise<Scene>> = {
    backan: async () => (await import('./backan')).backan,
    hatinh: async () => (await import('./hatinh')).hatinh,
    laocai: async () => (await import('./laocai')).laocai,
};
