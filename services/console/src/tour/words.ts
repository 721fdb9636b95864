// Words around the steps of a tour, which come with it: no other visit loads them.

import type { Locale } from '../lib/format';

const vi = {
    title: 'Hướng dẫn',
    step: 'Bước {n}/{m}',
    waits: 'Chưa thấy kết quả của bước này',
    seen: '✓ Đã thấy kết quả',
    back: 'Bước trước',
    next: 'Bước tiếp',
    pass: 'Bỏ qua bước này',
    leave: 'Thôi',
    end: 'Kết thúc',
    copy: 'Chép văn bản',
    copied: '✓ Đã chép',
} as const;

const en: Record<keyof typeof vi, string> = {
    title: 'Guide',
    step: 'Step {n} of {m}',
    waits: 'The result of this step is not seen yet',
    seen: '✓ The result is seen',
    back: 'Back',
    next: 'Next',
    pass: 'Skip this step',
    leave: 'Leave',
    end: 'End',
    copy: 'Copy the text',
    copied: '✓ Copied',
};

export function say(locale: Locale, key: keyof typeof vi, values: Record<string, number> = {}): string {
    return { vi, en }[locale][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
