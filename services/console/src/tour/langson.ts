// Anywhere, on a telephone: a queue of trucks at a border gate as it is counted, one alert here and on the wall, an outage and
// a silence that are said, and an officer of one commune who finds nothing of another. The gate's figures and the reports are an
// exercise's.

import type { Scene } from './scene';

const figures = '#sheet-body td.num';

export const langson: Scene = {
    title: { vi: 'Lạng Sơn: ở đâu cũng xem được', en: 'Lạng Sơn: anywhere, on a telephone' },
    from: '#map=13/21.972/106.711&layers=places,roads,sensors,reports,alerts',
    steps: [
        {
            id: 'gate',
            say: {
                vi: 'Chạm vào cửa khẩu Hữu Nghị giữa bản đồ và kéo tới bảng: làn mở, xe chờ, xe qua mỗi giờ và thời gian chờ, theo hai chiều.',
                en: 'Touch the Hữu Nghị gate at the middle of the map and scroll to the table: lanes, queue, traffic and waiting time, by direction.',
            },
            seen: { css: '#sheet-body table th', text: ['Xe đang chờ', 'Vehicles waiting'] },
        },
        {
            id: 'queue',
            say: {
                vi: 'Cho trạm gửi 61 xe bằng lệnh mosquitto_pub mà ./run demo đã in. Con số đổi ngay trên điện thoại.',
                en: 'Let the station send 61 vehicles with the mosquitto_pub that ./run demo has printed. The figure changes at once.',
            },
            seen: { css: figures, text: '61' },
        },
        {
            id: 'alert',
            say: {
                vi: 'Cho trạm gửi 97 xe: một cảnh báo, vừa ở đây vừa ở trang /wall/1/1/1. Bấm Xác nhận tại đây, màn hình ghép cũng biết.',
                en: 'Let it send 97: one alert, here and on the page /wall/1/1/1. Acknowledge it here, and the wall knows.',
            },
            press: { css: '.banner button', text: ['Xác nhận', 'Acknowledge'] },
            seen: { css: '.banner .alert', text: 'Hữu Nghị' },
        },
        {
            id: 'offline',
            say: {
                vi: 'Bật chế độ máy bay một phút: hình giữ nguyên và nói rõ đã mất kết nối bao lâu. Lúc ấy cho trạm gửi 72 xe.',
                en: 'Switch to flight mode for a minute: the picture stays and says how long it has been alone. Let the station send 72 meanwhile.',
            },
            seen: { css: '.state .dot.off' },
        },
        {
            id: 'back',
            say: {
                vi: 'Tắt chế độ máy bay: 72 xe hiện ra, không phải tải lại trang.',
                en: 'Switch flight mode off: 72 is there, and no page was reloaded.',
            },
            seen: { css: figures, text: '72' },
        },
        {
            id: 'silence',
            say: {
                vi: 'Thôi gửi nửa phút: im lặng là “không có dữ liệu”, không phải “hết xe”, và không còn thời gian chờ.',
                en: 'Send nothing for half a minute: silence is “no data”, not “no trucks”, and no waiting time is told.',
            },
            seen: { css: figures, text: ['không có dữ liệu', 'no data'] },
        },
        {
            id: 'officer',
            say: {
                vi: 'Đăng nhập là “langson”, cán bộ xã Đồng Đăng, mật khẩu do ./run demo đã in.',
                en: 'Sign in as “langson”, an officer of Đồng Đăng, with the password that ./run demo has printed.',
            },
            press: { css: 'button.who' },
            seen: { css: 'button.who[title="langson"]' },
        },
        {
            id: 'list',
            say: {
                vi: 'Thu bản đồ cho thấy cả Kỳ Lừa, mở Lớp bản đồ và danh sách phản ánh trong khung nhìn: một phản ánh, của Đồng Đăng. Kỳ Lừa không còn trên bản đồ, dù vừa thấy.',
                en: 'Zoom out until Kỳ Lừa is in view, open the layers and the list of reports in view: one, of Đồng Đăng. Kỳ Lừa is gone from the map, though it was there a moment ago.',
            },
            seen: { css: '.list ol:not(:has(li:nth-child(2))) button', text: 'Xe đỗ lấn đường vào cửa khẩu' },
        },
        {
            id: 'search',
            say: {
                vi: 'Tìm “Ky Lua”: không có gì. Xã khác không bị che, mà không tồn tại với người này.',
                en: 'Search for “Ky Lua”: nothing. Another commune is not hidden from this officer, it does not exist.',
            },
            press: { css: 'input[role=combobox]' },
            seen: { css: '.search .answer', text: 'Ky Lua' },
        },
    ],
};
