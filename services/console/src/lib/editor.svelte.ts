// One feature being made, changed or deleted: what was typed, what the server said of it, what
// somebody else did meanwhile; and how to take the last change back.

import { api, Conflict, Failure, failureCode, Invalid, type Fault, type Said, type Tagged } from './api';
import { atlas } from './atlas.svelte';
import { asInput, changed, newKey, shapeOf } from './form';
import { nameOf } from './naming';
import type { Collection, Feature, Field, LonLat } from './types';

export interface Clash { field: Field; mine: string | null; theirs: unknown }

/// A change that was written, and what was there before it.
export interface Done {
    kind: 'create' | 'change' | 'delete';
    collection: Collection;
    fid: number;
    title: string;
    at: Date;
    before: Feature | null;
    patch: { properties?: Record<string, unknown>; geometry?: unknown }; // of a change: what it sent
    tag: string; // of the state that it made
}

class Editor {
    collection = $state.raw<Collection | null>(null);
    base = $state.raw<Tagged | null>(null); // null: a new one
    inputs = $state<Record<string, string>>({});
    shape = $state.raw<GeoJSON.Geometry | null | undefined>(undefined); // undefined: as it was
    corners = $state.raw<LonLat[]>([]); // set one by one at the map's centre
    reason = $state('');
    sketching = $state(false);
    removing = $state(false);
    saving = $state(false);
    faults = $state.raw<Fault[]>([]);
    failure = $state<{ code: string; detail: string } | null>(null);
    theirs = $state.raw<Tagged | null>(null); // what somebody else made of it
    last = $state.raw<Done | null>(null);
    undone = $state.raw<Date | null>(null);
    private key = newKey();
    private endSketch: (() => void) | null = null;

    readonly open = $derived(this.collection !== null);
    readonly creating = $derived(this.open && this.base === null);
    readonly fields = $derived((this.collection?.fields ?? []).filter(field => !field.personal));
    readonly changes = $derived(changed(this.fields, this.base?.feature.properties ?? {}, this.inputs, atlas.locale));
    readonly dirty = $derived(this.open && (Object.keys(this.changes).length > 0 || this.shape !== undefined));
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
    /// Whether somebody else moved it meanwhile.
    readonly shapeClash = $derived(this.base !== null && this.theirs !== null
        && JSON.stringify(this.base.feature.geometry) !== JSON.stringify(this.theirs.feature.geometry));

    async start(collection: Collection, fid: number): Promise<void> {
        this.close();
        this.last = null;
        try {
            this.take(collection, await api.tagged(collection.id, fid));
        } catch (cause) {
            this.note(cause);
        }
    }

    /// Begins a feature that is not there yet.
    draft(collection: Collection): void {
        this.close();
        this.last = null;
        atlas.clear();
        atlas.show('file');
        const layer = atlas.layers[collection.id];
        if (layer) layer.visible = true;
        this.take(collection, null);
    }

    private take(collection: Collection, tagged: Tagged | null): void {
        this.base = tagged;
        this.inputs = Object.fromEntries(collection.fields.map(field => [
            field.name, asInput(field, tagged?.feature.properties[field.name], atlas.locale)]));
        this.collection = collection;
    }

    /// Lets what is there be moved on the map, or a new shape be drawn.
    async sketch(): Promise<void> {
        const geometry = this.shape ?? this.base?.feature.geometry ?? null;
        if (!this.collection || !atlas.map) return;
        this.stopSketch();
        this.sketching = true;
        const end = await atlas.map.sketch(geometry ?? this.collection.geometryType, shape => { this.shape = shape; });
        if (this.sketching) this.endSketch = end;
        else end();
    }

    stopSketch(): void {
        this.endSketch?.();
        this.endSketch = null;
        this.sketching = false;
    }

    /// Puts a point, or one more corner of a line or an area, where the map's middle is.
    centre(): void {
        this.stopSketch();
        const kind = this.collection?.geometryType ?? 'none';
        this.corners = [...(kind === 'point' ? [] : this.corners), [atlas.view.lon, atlas.view.lat]];
        const shape = shapeOf(kind, this.corners);
        if (!shape) return;
        this.shape = shape;
        if (kind !== 'point') void this.sketch(); // so that it is seen
    }

    /// Forgets what was drawn.
    redraw(): void {
        this.stopSketch();
        this.corners = [];
        this.shape = undefined;
    }

    faultOf = (name: string): string | undefined =>
        this.faults.find(fault => fault.pointer === `/properties/${name}`)?.detail;

    /// Faults of no field of the form.
    readonly otherFaults = $derived(this.faults.filter(fault => !fault.pointer.startsWith('/properties/')));

    private said(): Said {
        return { reason: this.reason, key: this.key, lang: atlas.locale };
    }

    async save(): Promise<void> {
        const { base, collection } = this;
        if (!collection || !this.dirty || this.saving) return;
        const properties = { ...this.changes };
        const patch = { ...(Object.keys(properties).length > 0 ? { properties } : {}),
            ...(this.shape === undefined ? {} : { geometry: this.shape }) };
        await this.attempt(async () => {
            const saved = base
                ? await api.patch(collection.id, base.feature.id, patch, { ...this.said(), tag: (this.theirs ?? base).tag })
                : await api.create(collection.id, { type: 'Feature', properties, geometry: this.shape ?? null }, this.said());
            this.done(base ? 'change' : 'create', collection, saved.feature, {
                before: (this.theirs ?? base)?.feature ?? null, patch, tag: saved.tag });
            if (base) atlas.edited(collection.id, saved.feature);
            else await atlas.open({ collection: collection.id, fid: saved.feature.id });
        });
    }

    async remove(): Promise<void> {
        const { base, collection } = this;
        if (!collection || !base || this.saving) return;
        const current = this.theirs ?? base;
        await this.attempt(async () => {
            await api.remove(collection.id, base.feature.id, { ...this.said(), tag: current.tag });
            this.done('delete', collection, current.feature, { before: current.feature, patch: {}, tag: '' });
            atlas.clear();
        });
    }

    private done(
        kind: Done['kind'], collection: Collection, feature: Feature, change: Pick<Done, 'before' | 'patch' | 'tag'>,
    ): void {
        const title = nameOf(collection, feature.properties, feature.id, atlas.title(collection.id), atlas.locale);
        this.close();
        this.last = { kind, collection, fid: feature.id, title, at: new Date(), ...change };
    }

    /// Whether the last change can be taken back. What is deleted stays deleted: of a row made again
    /// here what is not shown (scope, sensitivity, what is personal) would be another.
    readonly undoable = $derived(this.last !== null && this.last.kind !== 'delete');

    /// Takes the last change back, if nobody changed the feature since.
    async undo(): Promise<void> {
        const { last } = this;
        if (!last || !this.undoable || this.saving) return;
        const { collection, fid, before, patch, tag } = last;
        const said = { ...this.said(), reason: atlas.t('edit.undoReason') };
        await this.attempt(async () => {
            if (last.kind === 'create') {
                await api.remove(collection.id, fid, { ...said, tag });
                atlas.clear();
            } else if (before) {
                const properties = Object.fromEntries(Object.keys(patch.properties ?? {})
                    .map(name => [name, before.properties[name] ?? null]));
                const former = { properties, ...('geometry' in patch ? { geometry: before.geometry } : {}) };
                atlas.edited(collection.id, (await api.patch(collection.id, fid, former, { ...said, tag })).feature);
            }
            this.last = null;
            this.undone = new Date();
        });
    }

    private async attempt(act: () => Promise<void>): Promise<void> {
        this.saving = true;
        this.faults = [];
        this.failure = null;
        try {
            await act();
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
            if (!this.theirs) this.note(cause);
        } else {
            this.note(cause);
        }
    }

    private note(cause: unknown): void {
        this.failure = { code: failureCode(cause), detail: cause instanceof Failure ? cause.detail : '' };
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
        this.redraw();
        this.collection = null;
        this.base = null;
        this.theirs = null;
        this.removing = false;
        this.faults = [];
        this.failure = null;
        this.undone = null;
        this.reason = '';
        this.key = newKey();
    }
}

export const editor = new Editor();
