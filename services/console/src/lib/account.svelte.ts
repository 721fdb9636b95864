// Who is signed in, and what they may; accounts, roles and the audit for those who look after them. What
// one may do is the server's to judge: here it decides only what is offered.

import { api, Failure, setCsrf, type Account, type AuditEntry, type Role, type Visitor } from './api';

class Session {
    visitor = $state<Visitor | null>(null);
    /// The server's words on what did not succeed; empty when it did.
    fault = $state('');
    /// The password was right; the code of the second factor is wanted as well.
    needsCode = $state(false);
    accounts = $state<Account[]>([]);
    roles = $state<Role[]>([]);
    entries = $state<AuditEntry[]>([]);
    whole = $state<boolean | null>(null);

    readonly signedIn = $derived(this.visitor?.login != null);

    may(duty: string): boolean { return this.visitor?.rights.duties.includes(duty) ?? false; }

    async learn(): Promise<void> {
        try {
            this.visitor = await api.account();
            setCsrf(this.visitor.csrf ?? '');
        } catch {
            this.visitor = null;
        }
    }

    /// Everything on the screen was read as somebody else: after signing in or out it begins anew.
    async signIn(login: string, password: string, code: string): Promise<void> {
        await this.attempt(async () => {
            await api.signIn(login, password, code);
            location.reload();
        });
    }

    async signOut(): Promise<void> {
        await this.attempt(async () => {
            await api.signOut();
            location.reload();
        });
    }

    async loadAccounts(): Promise<void> {
        await this.attempt(async () => {
            [this.accounts, this.roles] = await Promise.all([api.accounts(), api.roles()]);
        });
    }

    async makeAccount(login: string, name: string, password: string): Promise<boolean> {
        return this.attempt(async () => {
            await api.makeAccount({ login, name, password });
            await this.loadAccounts();
        });
    }

    async setRoles(account: Account, roles: string[]): Promise<void> {
        await this.change(account, { roles });
    }

    async setDisabled(account: Account, disabled: boolean): Promise<void> {
        await this.change(account, { disabled });
    }

    async loadAudit(who: string, action: string): Promise<void> {
        await this.attempt(async () => {
            const check = await api.auditCheck();
            this.whole = check.whole;
            this.entries = await api.audit(who, action);
        });
    }

    private async change(account: Account, change: object): Promise<void> {
        await this.attempt(async () => {
            const changed = await api.changeAccount(account.login, change);
            this.accounts = this.accounts.map(one => (one.login === changed.login ? changed : one));
        });
    }

    private async attempt(act: () => Promise<void>): Promise<boolean> {
        this.fault = '';
        try {
            await act();
            this.needsCode = false;
            return true;
        } catch (cause) {
            this.needsCode ||= cause instanceof Failure && cause.type === 'code-needed';
            this.fault = cause instanceof Failure ? cause.detail || cause.code : String(cause);
            return false;
        }
    }
}

export const session = new Session();
