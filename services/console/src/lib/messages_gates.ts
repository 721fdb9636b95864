// Sentences about border gates.

export const gatesVi = {
    'gate.title': 'Thông quan tại cửa khẩu',
    'gate.out': 'Xuất',
    'gate.in': 'Nhập',
    'gate.lanes': 'Làn đang mở',
    'gate.queue': 'Xe đang chờ',
    'gate.passed': 'Xe qua mỗi giờ',
    'gate.waiting': 'Thời gian chờ',
    'gate.minutes': '{m} phút ({a}–{b})',
    'gate.atLeast': 'ít nhất {a} phút',
    'gate.silent': 'mất số liệu từ {t}',
    'gate.method': 'Thời gian chờ: xe đang chờ chia cho tốc độ thông quan trong một giờ qua; trong ngoặc là khoảng tin cậy 95 %.',
};

export const gatesEn: Record<keyof typeof gatesVi, string> = {
    'gate.title': 'Traffic at the gate',
    'gate.out': 'Outbound',
    'gate.in': 'Inbound',
    'gate.lanes': 'Lanes open',
    'gate.queue': 'Vehicles waiting',
    'gate.passed': 'Vehicles an hour',
    'gate.waiting': 'Waiting time',
    'gate.minutes': '{m} min ({a}–{b})',
    'gate.atLeast': 'at least {a} min',
    'gate.silent': 'no data since {t}',
    'gate.method': 'Waiting time: vehicles waiting by the rate of passing in the last hour; in brackets the 95 % interval.',
};
