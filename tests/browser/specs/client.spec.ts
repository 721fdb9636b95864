// What a stranger makes of the OpenAPI document: types by openapi-typescript, requests by openapi-fetch.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import openapiTS, { astToString } from 'openapi-typescript';
import { baseURL } from '../browser.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

test('a client typed by the OpenAPI document alone compiles and edits', async () => {
    const document = await (await fetch(`${baseURL()}/api`)).json() as object;
    mkdirSync(here('../output'), { recursive: true });
    writeFileSync(here('../output/api.d.ts'), astToString(await openapiTS(document as never)));
    execFileSync(process.execPath, [here('../node_modules/typescript/bin/tsc'), '--noEmit', '-p', here('../client')],
        { stdio: 'inherit' });
    const client = await import(here('../client/edit.ts')) as { edit(url: string): Promise<Record<string, unknown>> };
    expect(await client.edit(baseURL())).toMatchObject({
        created: 201,
        renamed: 'Trạm đổi tên',
        stale: 412,
        faults: ['/properties/name', '/properties/kind'],
        batch: [201, 204],
        gone: 404,
    });
});
