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
    id: number; kind: 'split' | 'merge' | 'undo'; state: 'drafted' | 'checked' | 'approved' | 'returned'; parcels: number[];
    children: { number: number; legal_area_m2: number }[]; document: string; drafted_by: string;
    checked_by: string | null; approved_by: string | null; reason: string | null;
}

/// The document that orders a change.
export interface Paper { document: string; issued_on: string }

/// A parcel that was named and is not there.
class Absent extends Error {}

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

    async split(area: number, azimuth: number, paper: Paper): Promise<void> {
        await this.attempt(() => api.draftDossier({ kind: 'split', parcels: [this.of], area_m2: area, azimuth, ...paper }));
    }

    /// With parcels of the same sheet, by their numbers; what `absent` says of one that is not there.
    async merge(numbers: number[], paper: Paper, absent: (number: number) => string): Promise<void> {
        await this.attempt(async () => {
            const { commune_code: commune, sheet } = this.file!;
            const others = await Promise.all(numbers.map(async number => {
                const [found] = (await api.parcelsOf(commune, sheet, number)).filter(one => one.sheet === sheet && one.commune_code === commune);
                if (!found) throw new Absent(absent(number));
                return found.fid;
            }));
            await api.draftDossier({ kind: 'merge', parcels: [this.of, ...others], ...paper });
        });
    }

    async undo(change: number, paper: Paper): Promise<void> {
        await this.attempt(() => api.draftDossier({ kind: 'undo', undoes: change, ...paper }));
    }

    async giveBack(dossier: Dossier, reason: string): Promise<void> {
        await this.attempt(() => api.returnDossier(dossier.id, reason));
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
            this.refusal = cause instanceof Absent ? cause.message
                : cause instanceof Failure && cause.detail ? cause.detail : failureCode(cause);
        } finally {
            this.busy = false;
        }
    }
}

export const land = new Land();
