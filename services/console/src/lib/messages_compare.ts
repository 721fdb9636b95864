// Words of two moments side by side, and of the map on paper.

export const compareVi = {
    'compare.title': 'So sánh hai thời điểm',
    'compare.left': 'Bên trái: ngày',
    'compare.right': 'Bên phải: hôm nay, {d}',
    'compare.sense': 'Theo',
    'compare.valid': 'hiệu lực pháp lý',
    'compare.recorded': 'những gì đã ghi nhận đến ngày đó',
    'compare.line': 'Vạch so sánh',
    'compare.narrower': 'Dời vạch sang trái',
    'compare.wider': 'Dời vạch sang phải',
    'compare.end': 'Thôi so sánh',
    'compare.zoomIn': 'Phóng to để xem ở thời điểm cũ: {l}',
    'print.title': 'In bản đồ (giấy, PDF)',
    'print.at': 'In lúc {t}',
    'print.asOf': 'Dữ liệu như đã ghi nhận lúc {t}',
    'print.scale': 'tỷ lệ khoảng 1:{n} trên giấy A4',
} as const;

export const compareEn: Record<keyof typeof compareVi, string> = {
    'compare.title': 'Compare two moments',
    'compare.left': 'Left: day',
    'compare.right': 'Right: today, {d}',
    'compare.sense': 'By',
    'compare.valid': 'what was valid in law',
    'compare.recorded': 'what was recorded by that day',
    'compare.line': 'Line of the comparison',
    'compare.narrower': 'Move the line left',
    'compare.wider': 'Move the line right',
    'compare.end': 'End the comparison',
    'compare.zoomIn': 'Zoom in to see at that time: {l}',
    'print.title': 'Print the map (paper, PDF)',
    'print.at': 'Printed {t}',
    'print.asOf': 'As recorded at {t}',
    'print.scale': 'scale about 1:{n} on A4 paper',
};
