// A guided tour as a test walks it: nothing goes on before the guide itself has seen what must be seen.

import type { Page } from '@playwright/test';
import { expect, settled } from './console';

export class Tour {
    private readonly page: Page;
    readonly card;
    private readonly walked: string[] = [];

    constructor(page: Page) {
        this.page = page;
        this.card = page.getByRole('region', { name: /^Hướng dẫn: / });
    }

    async begin(scene: string, fragment = ''): Promise<void> {
        await this.page.goto(`/console/?tour=${scene}${fragment}`);
        await settled(this.page);
        await expect(this.card).toBeVisible();
    }

    /// Does what a step asks for, waits until the guide has seen the result, and goes on, by keyboard.
    async step(id: string, act: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
        await expect(this.card).toHaveAttribute('data-step', id);
        await act();
        await expect(this.card, id).toHaveAttribute('data-seen', 'true');
        this.walked.push(id);
        await this.card.getByRole('button', { name: /^(Bước tiếp|Kết thúc)$/ }).press('Enter');
    }

    /// The tour is over; how many steps it had.
    async end(): Promise<number> {
        await expect(this.card).toBeHidden();
        return this.walked.length;
    }
}
