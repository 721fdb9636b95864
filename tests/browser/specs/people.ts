// Accounts for tests of the console: made through the server's own API, gone afterwards.

import { createHash, randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { expect, open, unitsOnly } from './console';
import { record } from './record';

export const password = 'một mật khẩu dài';

/// Whoever looks after the accounts of one test file. Its token is put into the record by hand: nobody
/// can sign in before there is an account.
export class Registrar {
    private readonly token = randomBytes(24).toString('base64url');
    private readonly made: string[] = [];
    private readonly roles: string[] = [];
    private readonly login: string;

    constructor(name: string) { this.login = `registrar-${name}`; }

    async begin(): Promise<void> {
        const hash = createHash('sha256').update(this.token).digest('hex');
        await record(`INSERT INTO diaban.role (name, administer, audit) VALUES ('${this.login}', true, true) ON CONFLICT DO NOTHING;
            INSERT INTO diaban.account (login) VALUES ('${this.login}') ON CONFLICT DO NOTHING;
            INSERT INTO diaban.account_role (login, role) VALUES ('${this.login}', '${this.login}') ON CONFLICT DO NOTHING;
            INSERT INTO diaban.token (sha256, login, scopes, expires_at) VALUES ('${hash}', '${this.login}', '{read,edit,personal,administer,audit,operate}', now() + interval '1 hour')`);
        await this.until(async () => (await this.ask('GET', '/access/accounts')).status === 200);
    }

    /// What a request shows to be made in the registrar's name.
    get headers(): Record<string, string> { return { Authorization: `Bearer ${this.token}` }; }

    /// Gives the registrar a role too.
    async takeRole(name: string): Promise<void> {
        await this.must(await this.ask('PATCH', `/access/accounts/${this.login}`, { roles: [this.login, name] }));
    }

    async ask(method: string, path: string, body?: object): Promise<Response> {
        return fetch(`${baseURL()}${path}`, {
            method, headers: { ...this.headers, 'Content-Type': 'application/json' },
            ...(body ? { body: JSON.stringify(body) } : {}),
        });
    }

    async role(name: string, role: object): Promise<void> {
        this.roles.push(name);
        await this.must(await this.ask('PUT', `/access/roles/${name}`, role));
    }

    async account(login: string, roles: string[] = []): Promise<void> {
        this.made.push(login);
        await this.must(await this.ask('POST', '/access/accounts', { login, name: `Người ${login}`, password, roles }));
    }

    /// Who was made by others than us.
    alsoRemove(login: string): void { this.made.push(login); }

    async end(): Promise<void> {
        for (const login of this.made) await this.ask('DELETE', `/access/accounts/${login}`);
        for (const role of this.roles) await this.ask('DELETE', `/access/roles/${role}`);
        await record(`DELETE FROM diaban.account WHERE login = '${this.login}'; DELETE FROM diaban.role WHERE name = '${this.login}'`);
    }

    private async must(answer: Response): Promise<void> {
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    }

    private async until(holds: () => Promise<boolean>): Promise<void> {
        for (let tries = 0; tries < 50; ++tries) {
            if (await holds()) return;
            await new Promise(done => setTimeout(done, 100));
        }
        throw new Error('the server does not learn of its accounts');
    }
}

/// Signs in as one of them, on a page that has read nothing as somebody else.
export async function become(page: Page, login: string, fragment = unitsOnly): Promise<void> {
    await page.context().clearCookies();
    await page.goto('about:blank'); // what was read as somebody else is gone
    await open(page, fragment);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
    await dialog.getByLabel('Tên đăng nhập').fill(login);
    await dialog.getByLabel('Mật khẩu').fill(password);
    await dialog.getByRole('button', { name: 'Đăng nhập' }).click();
    await expect(page.getByRole('button', { name: `Tài khoản Người ${login}` })).toBeVisible();
}
