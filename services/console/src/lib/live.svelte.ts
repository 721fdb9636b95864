// The live channel: what is committed reaches the open map. The browser's EventSource goes on where
// it was after a break; nothing is missed, and what cannot be told any more is fetched again whole.

import { around, serves } from './touched';
import type { Bbox } from './types';

export interface Change {
    kind: 'create' | 'update' | 'delete' | 'import' | 'tiles';
    collection: string;
    fid?: number;
    at?: string;
    lag_ms?: number;
    tiles?: string[];
    all?: boolean;
}

export interface LiveListener {
    changed(change: Change): void;
    /// Whatever is shown may be old.
    everything(): void;
    heard(): void;
}

const kinds = ['create', 'update', 'delete', 'import', 'tiles'] as const;
const silence = 40_000; // ms: more than two heartbeats are missing
const pause = 2000; // ms before an ended stream is opened anew
const rest = 400; // ms a view must rest before the subscription follows it

export class Live {
    connected = $state(false);
    private source: EventSource | null = null;
    private asked: Bbox | null = null;
    private view: Bbox | null = null;
    private lastId = '';
    private lastHeard = Date.now();
    private timer: ReturnType<typeof setTimeout> | undefined;
    private watch: ReturnType<typeof setInterval> | undefined;

    constructor(private readonly listener: LiveListener) {}

    /// Follows a view; the subscription is renewed only when it no longer serves.
    follow(view: Bbox): void {
        this.view = view;
        if (this.watch === undefined) {
            addEventListener('offline', this.cut);
            addEventListener('online', this.mend);
            this.watch = setInterval(() => {
                if (navigator.onLine && Date.now() - this.lastHeard > silence) this.open();
            }, 5000);
        }
        if (this.asked && serves(this.asked, view)) return;
        this.soon(this.asked ? rest : 0);
    }

    /// A stream that outlives the network by a moment would have tiles fetched that cannot come.
    private readonly cut = (): void => {
        clearTimeout(this.timer);
        this.source?.close();
        this.source = null;
        this.connected = false;
    };
    private readonly mend = (): void => this.again();

    /// Opens the stream anew, at once.
    again(): void { if (this.view) this.open(); }

    private soon(after: number): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.open(), after);
    }

    private open(): void {
        clearTimeout(this.timer);
        this.source?.close();
        this.lastHeard = Date.now();
        this.asked = around(this.view!);
        const query = new URLSearchParams({ bbox: this.asked.map(v => +v.toFixed(5)).join(',') });
        if (this.lastId) query.set('after', this.lastId);
        const source = new EventSource(`/live?${query}`, { withCredentials: true });
        this.source = source;
        const on = (name: string, act: (data: Record<string, unknown>) => void) => {
            source.addEventListener(name, event => {
                if (this.source !== source) return;
                if (event.lastEventId) this.lastId = event.lastEventId;
                this.lastHeard = Date.now();
                this.connected = true;
                this.listener.heard();
                act(JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>);
            });
        };
        // What was fetched before the stream began may be older than it.
        on('start', data => { if (data.resumed !== true) this.listener.everything(); });
        on('alive', () => undefined);
        on('resync', () => this.listener.everything());
        for (const kind of kinds) on(kind, data => this.listener.changed({ ...data, kind } as unknown as Change));
        source.addEventListener('error', () => {
            if (this.source !== source) return;
            this.connected = false;
            // The browser tries again by itself, unless the answer was no stream.
            if (source.readyState === EventSource.CLOSED) this.soon(pause);
        });
    }

    close(): void {
        clearTimeout(this.timer);
        clearInterval(this.watch);
        this.watch = undefined;
        removeEventListener('offline', this.cut);
        removeEventListener('online', this.mend);
        this.source?.close();
        this.source = null;
        this.asked = null;
        this.connected = false;
    }
}
