// Sentences about the audit, in both languages.

export const auditVi = {
    'audit.whole': 'Chuỗi nhật ký toàn vẹn',
    'audit.broken': 'Chuỗi nhật ký bị sửa đổi',
    'audit.at': 'Lúc',
    'audit.who': 'Ai',
    'audit.action': 'Việc',
    'audit.on': 'Đối tượng',
    'audit.why': 'Lý do',
    'audit.filter': 'Lọc',
    'audit.empty': 'Không có mục nào',
    'audit.export': 'Tải CSV',
} as const;

export const auditEn: Record<keyof typeof auditVi, string> = {
    'audit.whole': 'The chain of entries is whole',
    'audit.broken': 'The chain of entries is broken',
    'audit.at': 'At',
    'audit.who': 'Who',
    'audit.action': 'What',
    'audit.on': 'On',
    'audit.why': 'Why',
    'audit.filter': 'Filter',
    'audit.empty': 'No entries',
    'audit.export': 'Download CSV',
};
