// The register of land: what it knows of the parcel that is open, and changes on their way.

import { api, Failure, failureCode } from './api';
import type { Bbox } from './types';

export interface Parcel {
    fid: number; identifier: string; commune_code: string; commune_name: string; sheet: number; number: number;
    land_use: string; legal_area_m2: number | null; projected_area_m2: number | null;
    ellipsoidal_area_m2: number | null; valid_from: string | null; valid_to: string | null; bbox: Bbox | null;
}
export interface Step {
    change: number; kind: string; at: string; document: string; issued_on: string; undone_by: number | null;
    fid: number; sheet: number; number: number;
}
export interface ParcelFile extends Parcel {
    crs: string | null; scale: number | null; restrictions: ('mortgage' | 'seizure' | 'dispute' | 'recovery')[];
    correction_case: boolean; parents: Step[]; children: Step[];
}
export interface Dossier {
    id: number; kind: string; state: 'drafted' | 'checked' | 'approved' | 'returned'; parcels: number[];
    children: { number: number; legal_area_m2: number }[]; document: string; drafted_by: string;
    checked_by: string | null; approved_by: string | null;
}

class Land {
    file = $state.raw<ParcelFile | null>(null);
    dossiers = $state.raw<Dossier[]>([]);
    /// The server's words on what was refused; empty if nothing was.
    refusal = $state('');
    busy = $state(false);
    private of = 0;

    async open(fid: number, signedIn: boolean): Promise<void> {
        this.of = fid;
        this.file = null;
        this.dossiers = [];
        this.refusal = '';
        await this.read(fid, signedIn);
    }

    async draft(area: number, azimuth: number, document: string, issued: string): Promise<void> {
        await this.attempt(() => api.draftDossier(
            { kind: 'split', parcels: [this.of], area_m2: area, azimuth, document, issued_on: issued }));
    }

    async step(dossier: Dossier, step: 'check' | 'approve'): Promise<void> {
        await this.attempt(() => api.stepDossier(dossier.id, step));
    }

    private async read(fid: number, signedIn: boolean): Promise<void> {
        try {
            const [file, dossiers] = await Promise.all([api.parcel(fid), signedIn ? api.dossiers() : []]);
            if (this.of !== fid) return;
            this.file = file;
            this.dossiers = dossiers.filter(one => one.parcels.includes(fid));
        } catch (cause) {
            this.refusal = failureCode(cause);
        }
    }

    private async attempt(work: () => Promise<unknown>): Promise<void> {
        this.busy = true;
        this.refusal = '';
        try {
            await work();
            await this.read(this.of, true);
        } catch (cause) {
            this.refusal = cause instanceof Failure && cause.detail ? cause.detail : failureCode(cause);
        } finally {
            this.busy = false;
        }
    }
}

export const land = new Land();
