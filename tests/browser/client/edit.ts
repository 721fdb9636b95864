// A stranger's client: typed by nothing but the OpenAPI document that the server gives. `paths` is made
// of it by openapi-typescript when the test runs (output/api.d.ts); this file must compile against it.

import createClient from 'openapi-fetch';
import type { paths } from '../output/api';

export interface Story {
    created: number;
    location: string;
    renamed: string;
    stale: number | undefined;
    faults: string[];
    batch: number[];
    gone: number;
}

/// Creates, changes, fails to change, and deletes a facility.
export async function edit(baseUrl: string): Promise<Story> {
    const client = createClient<paths>({ baseUrl });
    const collection = 'facilities';
    const feature = {
        type: 'Feature' as const,
        geometry: { type: 'Point' as const, coordinates: [105.9, 18.34] },
        properties: { name: 'Trạm của khách', kind: 'clinic' } as Record<string, unknown>,
    };
    const geojson = { 'Content-Type': 'application/geo+json' };

    const made = await client.POST('/collections/{collectionId}/items', {
        params: { path: { collectionId: collection } }, body: feature, headers: geojson,
    });
    if (!made.data) throw new Error(`create: ${made.response.status}`);
    const fid = made.data.id;
    const tag = made.response.headers.get('ETag') ?? '';
    const path = { collectionId: collection, featureId: fid };

    const patched = await client.PATCH('/collections/{collectionId}/items/{featureId}', {
        params: { path, header: { 'If-Match': tag, 'Change-Reason': encodeURIComponent('đổi tên') } },
        body: { properties: { name: 'Trạm đổi tên' } },
        headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    if (!patched.data) throw new Error(`patch: ${patched.response.status}`);

    const stale = await client.PUT('/collections/{collectionId}/items/{featureId}', {
        params: { path, header: { 'If-Match': tag } }, body: feature, headers: geojson,
    });
    const wrong = await client.POST('/collections/{collectionId}/items', {
        params: { path: { collectionId: collection } }, headers: geojson,
        body: { ...feature, properties: { kind: 'castle' } },
    });
    const batch = await client.POST('/batch', {
        body: {
            changes: [
                { method: 'POST', collection, body: feature },
                { method: 'DELETE', collection, fid, ifMatch: patched.response.headers.get('ETag') ?? '' },
            ],
        },
    });
    const results = batch.data?.results ?? [];
    const last = results[0];
    if (last) {
        await client.DELETE('/collections/{collectionId}/items/{featureId}', {
            params: { path: { collectionId: collection, featureId: last.fid }, header: { 'If-Match': last.etag ?? '' } },
        });
    }
    const gone = await client.GET('/collections/{collectionId}/items/{featureId}', { params: { path } });
    return {
        created: made.response.status,
        location: made.response.headers.get('Location') ?? '',
        renamed: String(patched.data.properties.name),
        stale: stale.error?.status,
        faults: (wrong.error?.errors ?? []).map(fault => fault.pointer),
        batch: results.map(result => result.status),
        gone: gone.response.status,
    };
}
