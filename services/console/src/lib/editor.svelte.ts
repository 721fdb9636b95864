// One feature being edited: what was typed, what the server said of it, what somebody else did meanwhile.

import { api, Conflict, Failure, failureCode, Invalid, type Fault, type Tagged } from './api';
import { atlas } from './atlas.svelte';
import { asInput, changed, newKey } from './form';
import type { Collection, Field } from './types';

export interface Clash { field: Field; mine: string | null; theirs: unknown }

class Editor {
    collection = $state.raw<Collection | null>(null);
    base = $state.raw<Tagged | null>(null);
    inputs = $state<Record<string, string>>({});
    shape = $state.raw<GeoJSON.Geometry | null | undefined>(undefined); // undefined: as it was
    reason = $state('');
    sketching = $state(false);
    saving = $state(false);
    faults = $state.raw<Fault[]>([]);
    failure = $state<{ code: string; detail: string } | null>(null);
    theirs = $state.raw<Tagged | null>(null); // what somebody else made of it
    savedAt = $state.raw<Date | null>(null);
    private key = newKey();
    private endSketch: (() => void) | null = null;

    readonly fields = $derived((this.collection?.fields ?? []).filter(field => !field.personal));
    readonly changes = $derived(this.base
        ? changed(this.fields, this.base.feature.properties, this.inputs, atlas.locale) : {});
    readonly dirty = $derived(Object.keys(this.changes).length > 0 || this.shape !== undefined);
    readonly open = $derived(this.base !== null);
    /// What differs from the state that was opened, on either side.
    readonly clashes = $derived.by((): Clash[] => {
        const { base, theirs } = this;
        if (!base || !theirs) return [];
        return this.fields.flatMap(field => {
            const now = theirs.feature.properties[field.name];
            const touched = field.name in this.changes;
            const moved = JSON.stringify(now) !== JSON.stringify(base.feature.properties[field.name]);
            return touched || moved ? [{ field, mine: touched ? this.inputs[field.name] ?? '' : null, theirs: now }] : [];
        });
    });

    async start(collection: Collection, fid: number): Promise<void> {
        this.close();
        this.savedAt = null;
        try {
            this.take(collection, await api.tagged(collection.id, fid));
        } catch (cause) {
            this.failure = { code: failureCode(cause), detail: '' };
        }
    }

    private take(collection: Collection, tagged: Tagged): void {
        this.collection = collection;
        this.base = tagged;
        this.inputs = Object.fromEntries(this.fields.map(field => [
            field.name, asInput(field, tagged.feature.properties[field.name], atlas.locale)]));
    }

    async sketch(): Promise<void> {
        const geometry = this.shape ?? this.base?.feature.geometry;
        if (!geometry || !atlas.map) return;
        this.sketching = true;
        this.endSketch = await atlas.map.sketch(geometry, shape => { this.shape = shape; });
    }

    stopSketch(): void {
        this.endSketch?.();
        this.endSketch = null;
        this.sketching = false;
    }

    /// Puts a point where the map's middle is.
    centre(): void {
        this.stopSketch();
        this.shape = { type: 'Point', coordinates: [atlas.view.lon, atlas.view.lat] };
    }

    faultOf = (name: string): string | undefined =>
        this.faults.find(fault => fault.pointer === `/properties/${name}`)?.detail;

    /// Faults of no field of the form.
    readonly otherFaults = $derived(this.faults.filter(fault => !fault.pointer.startsWith('/properties/')));

    async save(): Promise<void> {
        const { base, collection } = this;
        if (!base || !collection || !this.dirty) return;
        this.saving = true;
        this.faults = [];
        this.failure = null;
        const patch = { ...(Object.keys(this.changes).length > 0 ? { properties: this.changes } : {}),
            ...(this.shape === undefined ? {} : { geometry: this.shape }) };
        try {
            const saved = await api.patch(collection.id, base.feature.id, patch, {
                tag: (this.theirs ?? base).tag, reason: this.reason, key: this.key, lang: atlas.locale });
            this.close();
            this.savedAt = new Date();
            atlas.edited(collection.id, saved.feature);
        } catch (cause) {
            await this.explain(cause);
        } finally {
            this.saving = false;
        }
    }

    private async explain(cause: unknown): Promise<void> {
        if (!(cause instanceof Failure) || cause.status !== 0) this.key = newKey(); // it was answered
        if (cause instanceof Invalid) {
            this.faults = cause.faults;
        } else if (cause instanceof Conflict && this.base && this.collection) {
            this.stopSketch();
            this.theirs = await api.tagged(this.collection.id, this.base.feature.id).catch(() => null);
            if (!this.theirs) this.failure = { code: cause.code, detail: cause.detail };
        } else {
            this.failure = { code: failureCode(cause), detail: cause instanceof Failure ? cause.detail : '' };
        }
    }

    /// Of a field that both changed: theirs stays.
    yieldField(name: string): void {
        const field = this.fields.find(one => one.name === name);
        if (field && this.base) this.inputs[name] = asInput(field, this.base.feature.properties[name], atlas.locale);
    }

    /// Gives up one's own changes and goes on from what is there now.
    takeTheirs(): void {
        const { collection, theirs } = this;
        this.close();
        if (collection && theirs) {
            atlas.edited(collection.id, theirs.feature);
            this.take(collection, theirs);
        }
    }

    close(): void {
        this.stopSketch();
        this.base = null;
        this.theirs = null;
        this.shape = undefined;
        this.faults = [];
        this.failure = null;
        this.reason = '';
        this.key = newKey();
    }
}

export const editor = new Editor();
