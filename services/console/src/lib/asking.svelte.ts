// What a layer is asked: what is near, how many there are, and a file of it.

import { api, failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';
import type { Count, Job, LonLat, NearFeature } from './types';

const look = 700; // ms between two looks at jobs that are not over

export const exportForms = ['geojson', 'jsonfg', 'csv', 'fgb', 'gpkg', 'xlsx'] as const;
export type ExportForm = typeof exportForms[number];
export type Unit = 'commune' | 'province';

const isOver = (job: Job) => job.status !== 'accepted' && job.status !== 'running';

/// What is open beside the map.
const around = () => [atlas.selection, atlas.clicked, atlas.listOf];

class Asking {
    of = $state<string | null>(null);
    point = $state.raw<LonLat>([0, 0]);
    near = $state.raw<NearFeature[] | null>(null);
    nearFailure = $state<string | null>(null);
    count = $state.raw<Count | null>(null);
    countFailure = $state<string | null>(null);
    jobs = $state.raw<Job[]>([]);
    jobFailure = $state<string | null>(null);
    private since = $state.raw<unknown[]>([]);
    private timer: ReturnType<typeof setTimeout> | undefined;

    /// Something else was opened since: the panel gives way to it.
    readonly shown = $derived(this.of !== null && around().every((one, i) => one === this.since[i]));

    open(collection: string): void {
        atlas.listOf = null;
        this.of = collection;
        this.since = around();
        this.point = atlas.clicked ?? [atlas.view.lon, atlas.view.lat];
        this.near = this.count = null;
        this.nearFailure = this.countFailure = this.jobFailure = null;
        atlas.show('file');
        void this.findNear();
        void this.look();
    }

    close(): void {
        this.of = null;
        clearTimeout(this.timer);
    }

    async findNear(point: LonLat = this.point): Promise<void> {
        const { of } = this;
        if (!of) return;
        this.point = point;
        this.nearFailure = null;
        try {
            const near = await api.nearest(of, point, 5, atlas.locale);
            if (this.of === of && this.point === point) this.near = near;
        } catch (cause) {
            this.nearFailure = failureCode(cause);
        }
    }

    async tally(by: Unit, inView: boolean): Promise<void> {
        const { of } = this;
        if (!of) return;
        this.countFailure = null;
        try {
            const count = await api.count(of, by, inView ? atlas.bounds : null);
            if (this.of === of) this.count = count;
        } catch (cause) {
            this.count = null;
            this.countFailure = (cause as Failure).detail || failureCode(cause);
        }
    }

    async export(format: ExportForm, inView: boolean): Promise<void> {
        if (!this.of) return;
        this.jobFailure = null;
        try {
            await api.export({ collection: this.of, format, ...(inView ? { bbox: atlas.bounds } : {}) }, atlas.locale);
            await this.look();
        } catch (cause) {
            this.jobFailure = (cause as Failure).detail || failureCode(cause);
        }
    }

    /// Ends a job that is under way; forgets one that is over.
    async dismiss(job: Job): Promise<void> {
        try {
            await api.dismiss(job.jobID);
            if (!isOver(job)) await api.dismiss(job.jobID); // and it need not be shown any more
        } catch (cause) {
            this.jobFailure = failureCode(cause);
        }
        await this.look();
    }

    /// Looks at the layer's exports, and goes on while one is not over.
    private async look(): Promise<void> {
        clearTimeout(this.timer);
        const { of } = this;
        if (!of) return;
        try {
            const jobs = (await api.exports(atlas.locale)).filter(job => job.inputs.collection === of);
            if (this.of !== of) return;
            this.jobs = jobs;
            if (jobs.every(isOver)) return;
        } catch (cause) {
            this.jobFailure = failureCode(cause);
        }
        this.timer = setTimeout(() => void this.look(), look);
    }
}

export const asking = new Asking();
