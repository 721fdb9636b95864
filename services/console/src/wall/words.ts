// Sentences of the screens of a wall.

import type { Locale } from '../lib/format';

const vi = {
    offline: 'Mất kết nối {s} giây. Giữ hình {t}',
    age: 'Lúc {t}',
    oldAge: 'Lúc {t}, cách đây {m} phút',
    shownOf: 'Hiện {n} trong {m}',
    none: 'Không có mục nào',
    noData: 'Không có dữ liệu',
    synthetic: 'GIẢ LẬP',
    exercise: 'DIỄN TẬP',
    standsIn: 'Thay màn hình {c}',
    noWall: 'Địa chỉ cần có dạng /wall/1/2/3: số màn hình ghép, hàng, cột',
    noRight: 'Màn hình này chưa được quyền xem. Đăng nhập bằng tài khoản của màn hình ghép. Mã {c}',
    waiting: 'Đang nối máy chủ…',
    alertSince: 'từ {t}',
    alertMore: 'và {n} cảnh báo khác',
    silent: 'Trình duyệt chặn âm thanh',
};

const en: Record<keyof typeof vi, string> = {
    offline: 'Offline {s} s. Picture of {t} kept',
    age: 'As of {t}',
    oldAge: 'As of {t}, {m} min ago',
    shownOf: '{n} of {m} shown',
    none: 'Nothing to list',
    noData: 'No data',
    synthetic: 'SYNTHETIC',
    exercise: 'EXERCISE',
    standsIn: 'In place of screen {c}',
    noWall: 'The address must be like /wall/1/2/3: number of the wall, row, column',
    noRight: 'This screen may not see the wall. Sign in with the account of the wall. Code {c}',
    waiting: 'Connecting…',
    alertSince: 'since {t}',
    alertMore: 'and {n} more',
    silent: 'The browser blocks sound',
};

export type Word = keyof typeof vi;
export const language: Locale = new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'vi';

export function say(key: Word, values: Record<string, string | number> = {}): string {
    return (language === 'en' ? en : vi)[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
