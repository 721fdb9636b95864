import { expect, test } from 'vitest';
import { justBefore } from '../src/lib/instant';

test('a microsecond earlier, over seconds, days and years', () => {
    expect(justBefore('2026-11-28T04:31:38.782948Z')).toBe('2026-11-28T04:31:38.782947Z');
    expect(justBefore('2026-11-28T04:31:38.1Z')).toBe('2026-11-28T04:31:38.099999Z');
    expect(justBefore('2026-11-28T04:31:38Z')).toBe('2026-11-28T04:31:37.999999Z');
    expect(justBefore('2027-01-01T00:00:00.000000Z')).toBe('2026-12-31T23:59:59.999999Z');
});
