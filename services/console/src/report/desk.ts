// What the page asks of the server.

import { language } from './words';

export interface Service { service_code: string; service_name: string }
export interface Similar { fid: number; title: string; distance_m: number; reported_at: string | null }
export interface Request {
    service_request_id: string; code: string | null; status: 'open' | 'closed'; state: string; state_name: string;
    status_notes: string | null; service_name: string; description: string; agency_responsible: string | null;
    expected_datetime: string | null; media_url: string | null;
}
export interface Message { id: number; at: string; from: 'citizen' | 'office'; text: string }
export interface Secret { id: string; token: string }

/// Null: too few to be told.
export interface Numbers {
    code?: string | null; name?: string | null; count: number | null;
    open?: number | null; overdue?: number | null; closed?: number | null; median_days?: number | null;
}
export interface Statistics {
    least_group: number | null; all: Numbers; services: Numbers[]; states: Numbers[];
    areas: { units: Numbers[]; elsewhere: Numbers; unlocated: Numbers };
}

/// What the server says is wrong, in its own words.
export class Refused extends Error {}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(path, { ...init, headers: { Accept: 'application/json', 'Accept-Language': language, ...init.headers } });
    const body = await answer.json().catch(() => null) as unknown;
    if (answer.ok) return body as T;
    const told = (Array.isArray(body) ? (body[0] as { description?: string })?.description : (body as { detail?: string } | null)?.detail) ?? `HTTP ${answer.status}`;
    throw new Refused(told);
}

const post = <T>(path: string, body: object, token: string) => ask<T>(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'Report-Token': token }, body: JSON.stringify(body),
});

/// A picture of at most 1,280 pixels, without anything that the camera wrote beside it.
export async function shrink(file: File): Promise<Blob> {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, 1280 / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) => {
        canvas.toBlob(blob => { if (blob) resolve(blob); else reject(new Refused('image/jpeg')); }, 'image/jpeg', 0.8);
    });
}

export const desk = {
    services: () => ask<Service[]>(`/open311/v2/services.json?lang=${language}`),
    similar: (lat: string, lon: string, text: string, category: string) => ask<{ reports: Similar[] }>(
        `/reports/similar?${new URLSearchParams({ lat, lon, text, category })}`).then(answer => answer.reports),
    /// Of the last days; 0: of all time.
    statistics: (days: number, signal: AbortSignal) => {
        const begin = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
        return ask<Statistics>(`/reports/statistics?lang=${language}${days > 0 ? `&datetime=${begin}/..` : ''}`, { signal });
    },
    photo: async (file: File) => (await ask<{ media_url: string }>('/open311/v2/photos', {
        method: 'POST', headers: { 'Content-Type': 'image/jpeg' }, body: await shrink(file),
    })).media_url,
    send: async (members: Record<string, string>): Promise<Secret> => {
        const [made] = await ask<{ service_request_id: string; token: string }[]>(`/open311/v2/requests.json`, {
            method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(members).toString(),
        });
        return { id: made!.service_request_id, token: made!.token };
    },
    /// Its sender sees it, hidden or not.
    request: async ({ id, token }: Secret) => (await ask<Request[]>(`/open311/v2/requests/${id}.json`, { headers: { 'Report-Token': token } }))[0]!,
    messages: ({ id, token }: Secret) => ask<{ messages: Message[] }>(`/reports/${id}/messages`, { headers: { 'Report-Token': token } }).then(answer => answer.messages),
    say: ({ id, token }: Secret, text: string) => post(`/reports/${id}/messages`, { text }, token),
    rate: ({ id, token }: Secret, rating: number) => post(`/reports/${id}/rating`, { rating }, token),
    reopen: ({ id, token }: Secret, text: string) => post(`/reports/${id}/reopen`, { text }, token),
};
