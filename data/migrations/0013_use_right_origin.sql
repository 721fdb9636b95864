-- Origins of the right to use land, as the cadastral records abbreviate them.

SET LOCAL ROLE diaban_owner;

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('use_right_origin', 'Nguồn gốc sử dụng đất', 'Origin of the use right');

INSERT INTO diaban.code (list, position, code, title_vi, title_en)
SELECT 'use_right_origin', row_number() OVER (), code, title_vi, title_en
FROM (VALUES
    ('DG-KTT', 'Nhà nước giao đất không thu tiền sử dụng đất', 'Allotted by the State without fee'),
    ('DG-CTT', 'Nhà nước giao đất có thu tiền sử dụng đất', 'Allotted by the State for a fee'),
    ('CNQ-KTT', 'Nhà nước công nhận quyền như giao đất không thu tiền', 'Recognised by the State as allotted without fee'),
    ('CNQ-CTT', 'Nhà nước công nhận quyền như giao đất có thu tiền', 'Recognised by the State as allotted for a fee'),
    ('DT-TML', 'Nhà nước cho thuê đất trả tiền một lần', 'Leased by the State, paid once'),
    ('DT-THN', 'Nhà nước cho thuê đất trả tiền hằng năm', 'Leased by the State, paid yearly'),
    ('NCN', 'Nhận chuyển nhượng quyền sử dụng đất', 'Acquired by transfer')
) AS codes (code, title_vi, title_en);

UPDATE diaban.field SET code_list = 'use_right_origin' WHERE collection = 'parcels' AND name = 'origin';
