// Signing in by a provider of OpenID Connect: a real one (oidc-provider, certified by the OpenID
// Foundation), asked by a real browser.

import { createServer, type Server } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { expect, test, type Page } from '@playwright/test';
import Provider from 'oidc-provider';
import { baseURL } from '../browser.mjs';
import { Registrar } from './people';
import { database, needsRecord, record } from './record';

const people = new Registrar('provider');
const name = 'thu-oidc';
const secret = 'mot-bi-mat-dai-cua-may-khach';

/// A signing key as a JWK with a name of its own.
function key(kind: 'rsa' | 'ec') {
    const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...pair.privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: kind === 'rsa' ? 'RS256' : 'ES256' };
}

/// A provider on a port of its own, whose people and keys change while the address stays.
class Running {
    private server: Server | null = null;
    private handle: ReturnType<Provider['callback']> | null = null;
    port = 0;

    async start(): Promise<void> {
        this.server = createServer((request, response) => { void this.handle!(request, response); });
        await new Promise<void>(done => this.server!.listen(0, '127.0.0.1', done));
        this.port = (this.server.address() as AddressInfo).port;
    }
    get issuer(): string { return `http://127.0.0.1:${this.port}`; }

    serve(keys: object[], algorithm: 'RS256' | 'ES256'): void {
        const provider = new Provider(this.issuer, {
            jwks: { keys } as never,
            clients: [{
                client_id: 'diaban', client_secret: secret, redirect_uris: [`${baseURL()}/account/oidc/${name}/callback`],
                id_token_signed_response_alg: algorithm,
            }],
            pkce: { required: () => true },
            claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
            conformIdTokenClaims: false,
            cookies: { keys: ['một', 'hai'] },
            findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Bà ${id}`, preferred_username: id }) }),
        });
        this.handle = provider.callback();
    }
    async stop(): Promise<void> {
        this.server?.closeAllConnections();
        await new Promise(done => this.server?.close(done));
    }
}

const running = new Running();

/// Through the provider's own pages, to where it ends.
async function signIn(page: Page, who: string): Promise<void> {
    await page.goto(`/account/oidc/${name}`);
    await page.locator('input[name=login]').fill(who);
    await page.locator('input[name=password]').fill('bất kỳ');
    await page.locator('button[type=submit]').click();
    await page.locator('button[type=submit]').click(); // consent
}

const account = async (page: Page) => await (await page.request.get('/account')).json() as { login: string | null; name: string; roles: string[] };

test.describe('a provider of OpenID Connect', () => {
    test.skip(!database, needsRecord);
    test.beforeAll(async () => {
        await running.start();
        running.serve([key('rsa')], 'RS256');
        await people.begin();
        await people.role('qua-cong', { title: 'Qua cổng', grants: [] });
        people.alsoRemove('lan');
        people.alsoRemove('minh');
        people.alsoRemove('hoa');
        await record(`INSERT INTO diaban.identity_provider (name, title, issuer, client_id, client_secret, makes_accounts, roles)
            VALUES ('${name}', 'Cổng thử', '${running.issuer}', 'diaban', '${secret}', true, '{qua-cong}')`);
        await expect.poll(async () => (await (await fetch(`${baseURL()}/account`)).json() as { providers: { name: string }[] }).providers.map(one => one.name)).toContain(name);
    });
    test.afterAll(async () => {
        await record(`DELETE FROM diaban.identity_provider WHERE name = '${name}'`);
        await people.end();
        await running.stop();
    });

    test('lets a stranger in with the roles that it gives, and knows them again', async ({ page }) => {
        await signIn(page, 'lan');
        await expect(page).toHaveURL(/\/console\//);
        expect(await account(page)).toMatchObject({ login: 'lan', name: 'Bà lan', roles: ['qua-cong'] });
        await page.context().clearCookies();
        await signIn(page, 'lan');
        await expect(page).toHaveURL(/\/console\//);
        expect((await account(page)).login).toBe('lan');
    });

    test('may change its keys, and the kind of them', async ({ page }) => {
        const young = key('ec');
        running.serve([young, key('rsa')], 'ES256');
        // Keys are fetched again for a name that is not known, at most every ten seconds.
        await page.waitForTimeout(10_500);
        await signIn(page, 'minh');
        await expect(page).toHaveURL(/\/console\//);
        expect((await account(page)).login).toBe('minh');
    });

    test('a code that another browser asked for lets nobody in', async ({ page, browser }) => {
        let back = '';
        page.on('request', request => { if (request.url().includes('/callback?')) back = request.url(); });
        await signIn(page, 'hoa');
        await expect(page).toHaveURL(/\/console\//);
        expect(back).toContain('code=');
        const other = await browser.newContext({ baseURL: baseURL() });
        expect((await other.request.get(back)).status()).toBe(401);
        // A journey of its own does not help: its state is another one.
        await other.request.get(`/account/oidc/${name}`, { maxRedirects: 0 });
        expect((await other.request.get(back)).status()).toBe(401);
        expect((await (await other.request.get('/account')).json() as { login: string | null }).login).toBeNull();
        await other.close();
    });

    test('one who is disabled comes in no more', async ({ page }) => {
        await signIn(page, 'lan');
        await expect(page).toHaveURL(/\/console\//);
        expect((await people.ask('PATCH', '/access/accounts/lan', { disabled: true })).status).toBe(200);
        await page.context().clearCookies();
        await page.goto(`/account/oidc/${name}`);
        await page.locator('input[name=login]').fill('lan');
        await page.locator('input[name=password]').fill('bất kỳ');
        await page.locator('button[type=submit]').click();
        await page.locator('button[type=submit]').click();
        await expect(page.locator('body')).toContainText('sign-in-failed');
        expect((await account(page)).login).toBeNull();
    });
});
